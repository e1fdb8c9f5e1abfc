import { evaluate } from './conditions';
import { type Deployment, type Value, zonesOf } from './deployment';
import { resolveDynamicReferences } from './dynamic-references';
import { fail, type Path } from './errors';
import { awsName } from './attributes';
import { checkSupplied, parameterValue } from './parameters';
import { NO_VALUE, pseudo } from './pseudo';
import { type Intrinsic, type Names, Scope } from './scope';
import { INTRINSICS } from './intrinsics';
import type { Resource, Template } from './template';

/**
 * Resolves a template's intrinsic functions as CloudFormation would. Resources that already exist have the names of
 * `deployment.physical`, all others names in AWS's shapes. Caches nothing: values that are read after a resource was
 * created contain its real names. Every method throws `TemplateError`, with the path, on missing, unknown and circular
 * references.
 */
export class Resolver implements Names {
  readonly file: string;
  readonly #inProgress = new Set<string>();

  constructor(
    readonly template: Template,
    readonly deployment: Deployment,
  ) {
    this.file = template.file;
    checkSupplied(template, deployment);
  }

  /** Returns a resolved property of a resource; undefined if it isn't set, or is set to `AWS::NoValue`. */
  property(id: string, name: string): unknown {
    const path = ['Resources', id, 'Properties', name];
    return this.resolve(this.resource(id, path).Properties[name], path);
  }

  /** Resolves a value of the template; `path` is its place. */
  resolve(value: unknown, path: Path): unknown {
    return resolveDynamicReferences(new Scope(this, path).resolve(value), path, this);
  }

  /** Returns the value of `Ref` for a resource, or that of `Fn::GetAtt` if an attribute is given. */
  reference(id: string, attribute = '', at: Path = ['Resources', id]): Value {
    const { Type: type } = this.resource(id, at);
    const { deployment } = this;
    return this.#withoutCycle(`${id}${attribute === '' ? '' : `.${attribute}`}`, at, () => {
      const property = (name: string) => this.property(id, name);
      const precedingVersions = () => this.#precedingSiblings(id, type);
      const value =
        deployment.physical?.(id, attribute) ??
        awsName({ id, type, deployment, property, precedingVersions }, attribute);
      return value ?? fail(this.template, at, `expected a known attribute, got ${id}.${attribute} (${type})`);
    });
  }

  /** Returns `reference` if it is a string. Throws `TemplateError` if it is a list. */
  name(id: string, attribute = ''): string {
    const value = this.reference(id, attribute);
    if (typeof value === 'string') return value;
    return fail(this.template, ['Resources', id], `expected one name, got a list in ${attribute}`);
  }

  /** Returns whether the template has a resource, and its condition holds. */
  exists(id: string): boolean {
    const { Condition: name } = this.template.Resources[id] ?? {};
    return (
      Object.hasOwn(this.template.Resources, id) &&
      (name === undefined || this.condition(name, ['Resources', id, 'Condition']))
    );
  }

  /** Returns the value of an output; undefined if its condition doesn't hold. */
  output(name: string): unknown {
    const path = ['Outputs', name];
    const output = this.template.Outputs[name];
    if (!output) return fail(this.template, path, 'expected an output of that name, got none');
    const exists = output.Condition === undefined || this.condition(output.Condition, path);
    return exists ? this.resolve(output.Value, [...path, 'Value']) : undefined;
  }

  /** Returns the output that other stacks import under a name; undefined if no output is exported under it. */
  exported(name: string): unknown {
    const [output] = Object.entries(this.template.Outputs).filter(
      ([id, { Export }]) => Export && this.resolve(Export.Name, ['Outputs', id, 'Export', 'Name']) === name,
    );
    return output && this.output(output[0]);
  }

  intrinsic(name: string): Intrinsic | undefined {
    return INTRINSICS.get(name);
  }

  ref(name: string, at: Path): unknown {
    if (name === NO_VALUE) return undefined;
    if (Object.hasOwn(this.template.Resources, name)) return this.reference(name, '', at);
    return pseudo(name, this.deployment) ?? parameterValue(this.template, this.deployment, name);
  }

  attribute(id: string, attribute: string, at: Path): unknown {
    return this.reference(id, attribute, at);
  }

  condition(name: string, at: Path): boolean {
    const written = this.template.Conditions[name];
    if (written === undefined) return fail(this.template, at, `expected a condition, got ${name}`);
    return this.#withoutCycle(`Conditions.${name}`, at, () => evaluate(written, new Scope(this, ['Conditions', name])));
  }

  mapped(map: string, top: string, second: string, at: Path): unknown {
    const mapping = this.template.Mappings[map];
    if (!mapping) return fail(this.template, at, `expected a mapping, got ${map}`);
    return mapping[top]?.[second];
  }

  imported(name: string, at: Path): string {
    return (
      this.deployment.imports?.(name) ?? fail(this.template, at, `expected an export of another stack, got no ${name}`)
    );
  }

  stackOutput(stack: string, output: string, region = this.deployment.region, at: Path): string {
    return (
      this.deployment.outputs?.(stack, output, region) ??
      fail(this.template, at, `expected an output of another stack, got no ${output} of ${stack} in ${region}`)
    );
  }

  zones(region: string, at: Path): readonly string[] {
    if (region === '' || region === this.deployment.region) return zonesOf(this.deployment);
    return fail(this.template, at, `expected the zones of ${this.deployment.region}, got ${region}`);
  }

  /** Returns a resource of the template. Throws `TemplateError` if it is missing or its condition doesn't hold. */
  private resource(id: string, at: Path): Resource {
    const resource = this.template.Resources[id];
    if (!resource) return fail(this.template, at, `expected a resource, got ${id}`);
    return this.exists(id) ? resource : fail(this.template, at, `expected a resource with a true condition, got ${id}`);
  }

  /** Returns how many resources of the same type and function precede this one: version numbers count them. */
  #precedingSiblings(id: string, type: string): number {
    const owner = this.property(id, 'FunctionName');
    const { Resources: all } = this.template;
    const siblings = Object.keys(all)
      .filter((other) => all[other]?.Type === type && this.exists(other))
      .filter((other) => this.property(other, 'FunctionName') === owner);
    return siblings.indexOf(id);
  }

  /** Runs a resolution step. Throws `TemplateError` if the same step is already in progress. */
  #withoutCycle<T>(step: string, at: Path, action: () => T): T {
    if (this.#inProgress.has(step)) {
      return fail(this.template, at, `expected no circular reference, got ${[...this.#inProgress, step].join(' -> ')}`);
    }
    this.#inProgress.add(step);
    try {
      return action();
    } finally {
      this.#inProgress.delete(step);
    }
  }
}
