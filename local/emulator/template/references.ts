import { fail, kindOf, type Path } from './errors';
import { PSEUDO_NAMES } from './pseudo';
import { piecesOf, splitAttribute } from './sub';
import type { Template } from './schema';

/**
 * Checks that every reference of a template has a target in it. CloudFormation also checks all of them before it
 * creates a resource. Throws `TemplateError` with the path of a dangling reference.
 */
export function checkReferences(template: Template): void {
  const check = new Check(template);
  for (const [id, { DependsOn = [], Condition, Properties }] of Object.entries(template.Resources)) {
    const at = ['Resources', id];
    for (const other of [DependsOn].flat()) check.resource(other, [...at, 'DependsOn']);
    check.condition(Condition, at);
    check.properties(Properties, [...at, 'Properties']);
  }
  for (const [name, { Value, Condition }] of Object.entries(template.Outputs)) {
    check.condition(Condition, ['Outputs', name]);
    check.walk(Value, ['Outputs', name, 'Value']);
  }
}

class Check {
  constructor(private readonly template: Template) {}

  /** Refuses an intrinsic function in place of all properties: readers look properties up by name. */
  properties(properties: Readonly<Record<string, unknown>>, path: Path): void {
    const [intrinsic] = Object.keys(properties).filter((name) => name.startsWith('Fn::'));
    if (intrinsic !== undefined) fail(this.template, path, `expected names of properties, got ${intrinsic}`);
    this.walk(properties, path);
  }

  walk(value: unknown, path: Path): void {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(name) : name];
      if (name === 'Ref') this.reference(member, at);
      if (name === 'Fn::GetAtt') this.attribute(member, at);
      if (name === 'Fn::Sub') this.substitution(member, at);
      if (name === 'Fn::If' && Array.isArray(member)) this.condition(member[0], at);
      this.walk(member, at);
    }
  }

  resource(id: unknown, path: Path): void {
    if (typeof id === 'string' && Object.hasOwn(this.template.Resources, id)) return;
    this.dangling('the logical id of a resource', id, path);
  }

  condition(name: unknown, path: Path): void {
    if (name === undefined || (typeof name === 'string' && Object.hasOwn(this.template.Conditions, name))) return;
    this.dangling('the name of a condition', name, [...path, 'Condition']);
  }

  private reference(name: unknown, path: Path): void {
    const { Resources, Parameters } = this.template;
    if (
      typeof name === 'string' &&
      (Object.hasOwn(Resources, name) || Object.hasOwn(Parameters, name) || PSEUDO_NAMES.has(name))
    )
      return;
    this.dangling('a resource, a parameter or a pseudo parameter', name, path);
  }

  private attribute(argument: unknown, path: Path): void {
    const [id] = typeof argument === 'string' ? splitAttribute(argument) : ([argument].flat() as readonly unknown[]);
    this.resource(id, path);
  }

  private substitution(argument: unknown, path: Path): void {
    const [format, given] = [argument].flat() as readonly unknown[];
    if (typeof format !== 'string') return;
    const own = new Set(Object.keys(typeof given === 'object' && given !== null ? given : {}));
    for (const piece of piecesOf(format)) {
      if ('literal' in piece || own.has(piece.variable)) continue;
      const [id, attribute] = splitAttribute(piece.variable);
      if (attribute === undefined) this.reference(id, path);
      else this.resource(id, path);
    }
  }

  private dangling(expected: string, got: unknown, path: Path): never {
    // names of resources and parameters are not secret, and help to find the mistake
    fail(this.template, path, `expected ${expected}, got ${typeof got === 'string' ? got : kindOf(got)}`);
  }
}
