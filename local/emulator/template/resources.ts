import * as v from 'valibot';
import { read } from './fields';
import type { Resolver } from './resolver';

/** A resource of a template, with resolved properties of the requested schema. */
export interface TypedResource<P> {
  readonly logicalId: string;
  readonly properties: P;
}

/** Finds the resources of a template by type; omits those with a condition that doesn't hold. */
export class Resources {
  constructor(readonly resolver: Resolver) {}

  /** Returns the logical ids of a type's resources, in the template's order. */
  idsOf(type: string): readonly string[] {
    const { Resources: all } = this.resolver.template;
    return Object.keys(all).filter((id) => all[id]?.Type === type && this.resolver.exists(id));
  }

  /**
   * Returns all resources of a type, with these properties. Doesn't resolve other properties, since they may refer to
   * unknown values. Throws `TemplateError` if a property doesn't match its schema.
   */
  of<E extends v.ObjectEntries>(
    type: string,
    entries: E,
  ): readonly TypedResource<v.InferOutput<v.ObjectSchema<E, undefined>>>[] {
    return this.idsOf(type).map((logicalId) => ({ logicalId, properties: this.properties(logicalId, entries) }));
  }

  /** Returns some properties of one resource. */
  properties<E extends v.ObjectEntries>(logicalId: string, entries: E): v.InferOutput<v.ObjectSchema<E, undefined>> {
    const { resolver } = this;
    const resolved = Object.keys(entries)
      .map((name) => [name, resolver.property(logicalId, name)] as const)
      .filter(([, value]) => value !== undefined);
    const path = ['Resources', logicalId, 'Properties'];
    return read(v.object(entries), Object.fromEntries(resolved), resolver.file, path);
  }

  /** Returns the logical id of the resource with this name or attribute value; undefined if none has it. */
  idByName(type: string, name: string, attribute = ''): string | undefined {
    return this.idsOf(type).find((id) => this.resolver.name(id, attribute) === name);
  }
}
