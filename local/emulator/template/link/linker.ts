import type { Assets } from '../assets';
import type { AssemblyStack } from '../assembly';
import type { Deployment, Origin } from '../deployment';
import { fail } from '../errors';
import { generatedName } from '../names';
import { pseudo } from '../pseudo';
import { Resolver } from '../resolver';
import type { Template } from '../schema';
import { readTemplate } from '../template';
import { tryResolve } from '../try-resolve';
import { type Sections, type Unit, renamed } from './rename';

export const NESTED_STACK = 'AWS::CloudFormation::Stack';

export interface LinkContext {
  /** the path that errors name */
  readonly file: string;
  readonly deployment: Deployment;
  readonly assets: Assets;
  /** values of parameters, by `NAME` or `STACK:NAME` */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Links templates to one: each name has the prefix of its stack, each nested stack's that of its resource. */
export class Linker {
  readonly #context: LinkContext;
  readonly #sections: { -readonly [name in keyof Sections]: Record<string, Sections[name][string]> } = {
    Resources: {},
    Parameters: {},
    Conditions: {},
    Mappings: {},
    Outputs: {},
  } as const;
  readonly #origins = new Map<string, Origin>();
  /** `STACK:NAME` of the parameters without a value */
  readonly missing: string[] = [];
  /** the names, as the user gave them, of the parameters that a stack has */
  readonly used = new Set<string>();

  constructor(context: LinkContext) {
    this.#context = context;
  }

  get template(): Template {
    return { ...this.#sections, Transform: [], file: this.#context.file };
  }

  get origins(): ReadonlyMap<string, Origin> {
    return this.#origins;
  }

  /** Creates a resolver of the templates that are linked so far. */
  resolver(): Resolver {
    return new Resolver(this.template, { ...this.#context.deployment, origins: this.#origins });
  }

  /** Adds a stack with its nested stacks. Its names stay as they are with an empty prefix. */
  add(stack: AssemblyStack, prefix: string): this {
    const template = readTemplate(stack.file);
    const given = this.#valuesOf(stack, template);
    this.#addTemplate(template, { prefix, given, pseudo: this.#pseudo(stack.name, prefix) }, stack.name);
    return this;
  }

  /** Adds the stacks of another linker. Throws `TemplateError` if both have the same logical ids. */
  absorb(other: Linker): void {
    this.#merge(other.template);
    for (const [id, origin] of other.origins) this.#origins.set(id, origin);
    this.missing.push(...other.missing);
    for (const name of other.used) this.used.add(name);
  }

  /** Returns the user's values of a stack's parameters, and those of its assets. */
  #valuesOf({ name: stack, parameterAssets }: AssemblyStack, template: Template): Record<string, string> {
    const { parameters } = this.#context;
    const given = Object.fromEntries(parameterAssets.flatMap((asset) => Object.entries(asset.parameters)));
    for (const [name, { Default }] of Object.entries(template.Parameters)) {
      const named = [`${stack}:${name}`, name].filter((each) => Object.hasOwn(parameters, each));
      for (const each of named) this.used.add(each);
      const value = parameters[named[0] ?? ''] ?? given[name];
      if (value !== undefined) given[name] = value;
      else if (Default === undefined) this.missing.push(`${stack}:${name}`);
    }
    return given;
  }

  /** Returns the values of the pseudo parameters of a stack; a stack without a prefix has those of the deployment. */
  #pseudo(stack: string, prefix: string): ReadonlyMap<string, string> {
    const names = prefix === '' ? [] : ['AWS::StackName', 'AWS::StackId'];
    const deployment = { ...this.#context.deployment, stack };
    return new Map(names.map((name) => [name, String(pseudo(name, deployment))]));
  }

  #addTemplate(template: Template, unit: Unit, stack: string): void {
    this.#merge(renamed(template, unit));
    const ids = Object.keys(template.Resources);
    for (const id of ids) this.#origins.set(`${unit.prefix}${id}`, { stack, id });
    for (const id of ids) if (template.Resources[id]?.Type === NESTED_STACK) this.#addNested(`${unit.prefix}${id}`);
  }

  /**
   * Adds a nested stack, unless its condition is false. Leaves it out if its template is not among the assets: the stack
   * is then skipped.
   */
  #addNested(id: string): void {
    const { Properties = {} } = this.#sections.Resources[id] ?? {};
    const file = this.#nestedFile(id);
    if (file === undefined) return;
    const template = readTemplate(file);
    const given = typeof Properties.Parameters === 'object' ? { ...Properties.Parameters } : {};
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(template.Parameters, name))
        fail(template, ['Parameters'], `expected a parameter ${name}, got none`);
    }
    const origin = this.#origins.get(id) ?? { id, stack: '' };
    const stack = generatedName({ id: origin.id, deployment: { ...this.#context.deployment, stack: origin.stack } });
    const prefix = `${id}/`;
    this.#addTemplate(template, { prefix, given, pseudo: this.#pseudo(stack, prefix) }, stack);
  }

  /** Returns the path of a nested stack's template; undefined if it is not among the assets, or the stack doesn't exist. */
  #nestedFile(id: string): string | undefined {
    const url = tryResolve(() => this.resolver().property(id, 'TemplateURL'));
    if (typeof url !== 'string') return undefined;
    const { assets } = this.#context;
    const { Metadata = {} } = this.#sections.Resources[id] ?? {};
    // the key of an asset may have a folder
    const keys = [url.replace(/^https:\/\/[^/]+\/[^/]+\//, ''), url.slice(url.lastIndexOf('/') + 1)];
    return keys.map((key) => assets.path(key, Metadata)).find((path) => path !== undefined);
  }

  #merge(sections: Sections): void {
    const own = this.#sections;
    const twice = Object.keys(sections.Resources).find((id) => Object.hasOwn(own.Resources, id));
    if (twice !== undefined) fail(this.#context, [], `expected each logical id once, got ${twice} twice`);
    Object.assign(own.Resources, sections.Resources);
    Object.assign(own.Parameters, sections.Parameters);
    Object.assign(own.Conditions, sections.Conditions);
    Object.assign(own.Mappings, sections.Mappings);
    Object.assign(own.Outputs, sections.Outputs);
  }
}
