import * as v from 'valibot';
import { read } from './fields';
import type { Resolver } from './resolver';

/** A resource of a template: its properties resolved and of the shape that was asked for. */
export interface Found<P> {
  readonly logicalId: string;
  readonly properties: P;
}

/** The resources of a template that stand, by type. */
export class Resources {
  constructor(readonly resolver: Resolver) {}

  /** The ids of those whose condition lets them be, in the template's order. */
  idsOf(type: string): readonly string[] {
    const { Resources: all } = this.resolver.template;
    return Object.keys(all).filter((id) => all[id]?.Type === type && this.resolver.exists(id));
  }

  /**
   * All of a type, with these properties; others are not even resolved, for what nobody reads need not be known. Throws
   * `TemplateError` where one has another shape.
   */
  of<E extends v.ObjectEntries>(
    type: string,
    entries: E,
  ): readonly Found<v.InferOutput<v.ObjectSchema<E, undefined>>>[] {
    return this.idsOf(type).map((logicalId) => ({ logicalId, properties: this.properties(logicalId, entries) }));
  }

  /** Some properties of one resource. */
  properties<E extends v.ObjectEntries>(logicalId: string, entries: E): v.InferOutput<v.ObjectSchema<E, undefined>> {
    const { resolver } = this;
    const resolved = Object.keys(entries)
      .map((name) => [name, resolver.property(logicalId, name)] as const)
      .filter(([, value]) => value !== undefined);
    const path = ['Resources', logicalId, 'Properties'];
    return read(v.object(entries), Object.fromEntries(resolved), resolver.file, path);
  }

  /** The id of the resource of a type that is called so, by `Ref` or by an attribute; undefined where none is. */
  called(type: string, name: string, attribute = ''): string | undefined {
    return this.idsOf(type).find((id) => this.resolver.name(id, attribute) === name);
  }
}
