import { evaluate } from './conditions';
import { type Deployment, type Value, zonesOf } from './deployment';
import { resolveDynamicReferences } from './dynamic-references';
import { fail, type Path } from './errors';
import { awsName } from './attributes';
import { givenValue, parameterValue } from './parameters';
import { NO_VALUE, pseudo } from './pseudo';
import { type Intrinsic, type Names, Scope } from './scope';
import { INTRINSICS } from './intrinsics';
import type { Resource, Template } from './template';
import { tryResolve } from './try-resolve';

/** Says in the messages about another stack what to do. */
const ELSEWHERE = ': synthesize the stack that has it into the same folder';

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
      const value =
        deployment.physical?.(id, attribute) ?? this.#nestedOutput(id, attribute) ?? this.#awsName(id, attribute);
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

  /** Returns the id of an output of a stack; undefined if the stack or the output is missing. */
  outputId(stack: string, output: string): string | undefined {
    const ids = [`${stack}/${output}`, ...(stack === this.deployment.stack ? [output] : [])];
    return ids.find((id) => Object.hasOwn(this.template.Outputs, id));
  }

  /** Returns the names of the exports. */
  exports(): readonly string[] {
    return Object.keys(this.template.Outputs).flatMap((id) => this.#exportName(id) ?? []);
  }

  /** Returns the names of the parameters that the template's resources publish in Parameter Store. */
  publishes(): readonly string[] {
    return this.#stored().flatMap((id) => this.#storedName(id) ?? []);
  }

  /** Returns the value that a parameter has in the template: for some types a name in Parameter Store. */
  given(parameter: string): string {
    return givenValue(this, parameter);
  }

  /** Returns the value in Parameter Store: the one that a resource of the template publishes comes first. */
  stored(name: string): string | undefined {
    const id = this.#stored().find((each) => this.#storedName(each) === name);
    const value = id === undefined ? this.deployment.stored?.(name) : this.property(id, 'Value');
    return typeof value === 'string' ? value : undefined;
  }

  intrinsic(name: string): Intrinsic | undefined {
    return INTRINSICS.get(name);
  }

  ref(name: string, at: Path): unknown {
    if (name === NO_VALUE) return undefined;
    if (Object.hasOwn(this.template.Resources, name)) return this.reference(name, '', at);
    return pseudo(name, this.deployment) ?? parameterValue(this, name);
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
    const id = Object.keys(this.template.Outputs).find((each) => this.#exportName(each) === name);
    const value = id === undefined ? undefined : this.output(id);
    return typeof value === 'string'
      ? value
      : fail(this.template, at, `expected an export of another stack, got no ${name}${ELSEWHERE}`);
  }

  stackOutput(stack: string, output: string, region = this.deployment.region, at: Path): string {
    const id = region === this.deployment.region ? this.outputId(stack, output) : undefined;
    const value = id === undefined ? undefined : this.output(id);
    return typeof value === 'string'
      ? value
      : fail(
          this.template,
          at,
          `expected an output of another stack, got no ${output} of ${stack} in ${region}${ELSEWHERE}`,
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

  /** Returns a name of the resource's own stack, so that it doesn't depend on the stacks that are linked. */
  #awsName(id: string, attribute: string): Value | undefined {
    const { Type: type } = this.resource(id, ['Resources', id]);
    const origin = this.deployment.origins?.get(id) ?? { id, stack: this.deployment.stack };
    const deployment = { ...this.deployment, stack: origin.stack };
    const property = (name: string) => this.property(id, name);
    const precedingVersions = () => this.#precedingSiblings(id, type);
    return awsName({ id: origin.id, type, deployment, property, precedingVersions }, attribute);
  }

  /** Returns the value of the attribute `Outputs.NAME` of a linked nested stack; undefined for others. */
  #nestedOutput(id: string, attribute: string): Value | undefined {
    const [, name] = /^Outputs\.(.+)$/.exec(attribute) ?? [];
    if (name === undefined || !Object.keys(this.template.Resources).some((each) => each.startsWith(`${id}/`)))
      return undefined;
    const value = this.output(`${id}/${name}`);
    return typeof value === 'string' ? value : undefined;
  }

  #exportName(output: string): string | undefined {
    const { Export, Condition } = this.template.Outputs[output] ?? {};
    if (Export === undefined || (Condition !== undefined && !this.condition(Condition, ['Outputs', output])))
      return undefined;
    const name = tryResolve(() => this.resolve(Export.Name, ['Outputs', output, 'Export', 'Name']));
    return typeof name === 'string' ? name : undefined;
  }

  /** Returns the logical ids of the parameters that the template publishes in Parameter Store. */
  #stored(): readonly string[] {
    const { Resources: all } = this.template;
    return Object.keys(all).filter((id) => all[id]?.Type === 'AWS::SSM::Parameter' && this.exists(id));
  }

  /** Returns a published parameter's name; undefined if it depends on a parameter in Parameter Store. */
  #storedName(id: string): string | undefined {
    return tryResolve(() => this.name(id));
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
