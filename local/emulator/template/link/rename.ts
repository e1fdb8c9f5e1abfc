import { withAssetPath } from '../assets';
import type { Resource, Template } from '../schema';
import { replaceVariables, splitAttribute } from '../sub';

/** The parts of a template that are linked. */
export type Sections = Pick<Template, 'Resources' | 'Parameters' | 'Conditions' | 'Mappings' | 'Outputs'>;

/** The place of a template among those that it is linked with. */
export interface Unit {
  /** precedes every name of the template; empty for names that stay as they are */
  readonly prefix: string;
  /** values of the pseudo parameters that differ between stacks */
  readonly pseudo: ReadonlyMap<string, string>;
  /** values of parameters; those of a nested stack are expressions of its parent @default - none */
  readonly given?: Readonly<Record<string, unknown>> | undefined;
}

/** Returns a template's sections with the prefix of its unit before every name and in every reference. */
export function renamed(template: Template, unit: Unit): Sections {
  const { prefix, given = {} } = unit;
  const of = new Renamer(unit);
  const conditionOf = (own: string | undefined) => (own === undefined ? undefined : `${prefix}${own}`);
  const resource = ({ DependsOn, Condition, Properties, Metadata, Type }: Resource): Resource => ({
    Type,
    Condition: conditionOf(Condition),
    DependsOn: [DependsOn ?? []].flat().map((id) => `${prefix}${id}`),
    Properties: of.members(Properties),
    Metadata: withAssetPath(Metadata, template.file),
  });
  return {
    Resources: Object.fromEntries(of.section(template.Resources, resource)),
    Outputs: Object.fromEntries(
      of.section(template.Outputs, ({ Value, Condition, Export }) => ({
        Value: of.value(Value),
        Condition: conditionOf(Condition),
        ...(Export && { Export: { Name: of.value(Export.Name) } }),
      })),
    ),
    Mappings: Object.fromEntries(of.section(template.Mappings, (mapping) => mapping)),
    Parameters: Object.fromEntries(
      Object.entries(template.Parameters).map(([name, parameter]) => [
        `${prefix}${name}`,
        Object.hasOwn(given, name) ? { ...parameter, Given: given[name] } : parameter,
      ]),
    ),
    Conditions: Object.fromEntries(of.section(template.Conditions, (written) => of.conditionBody(written))),
  };
}

/** Renames the references in expressions. */
class Renamer {
  readonly #prefix: string;
  readonly #pseudo: ReadonlyMap<string, string>;

  constructor({ prefix, pseudo }: Unit) {
    this.#prefix = prefix;
    this.#pseudo = pseudo;
  }

  /** Renames and changes the members of a section. */
  section<T, R>(members: Readonly<Record<string, T>>, change: (member: T) => R): (readonly [string, R])[] {
    return Object.entries(members).map(([name, member]) => [`${this.#prefix}${name}`, change(member)] as const);
  }

  members(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.value(member)]));
  }

  value(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((member) => this.value(member));
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(value) as [string, unknown][];
    const rename = others.length > 0 ? undefined : this.#intrinsics.get(name);
    return rename === undefined ? this.members({ ...value }) : rename(argument);
  }

  /** Renames a member of the section `Conditions`: there, `Condition` refers to another one. */
  conditionBody(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((member) => this.conditionBody(member));
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = ['', undefined]] = Object.entries(value) as [string, unknown][];
    if (name === 'Condition' && typeof argument === 'string') return { Condition: `${this.#prefix}${argument}` };
    if (['Fn::And', 'Fn::Or', 'Fn::Not'].includes(name)) return { [name]: this.conditionBody(argument) };
    return this.value(value);
  }

  readonly #intrinsics: ReadonlyMap<string, (argument: unknown) => unknown> = new Map(
    Object.entries({
      Ref: (name: unknown) =>
        typeof name === 'string' ? (this.#pseudo.get(name) ?? { Ref: this.#named(name) }) : { Ref: name },
      'Fn::GetAtt': (argument: unknown) => ({ 'Fn::GetAtt': this.#attribute(argument) }),
      'Fn::Sub': (argument: unknown) => ({ 'Fn::Sub': this.#substitution(argument) }),
      'Fn::If': (argument: unknown) => ({ 'Fn::If': this.#firstNamed(argument) }),
      'Fn::FindInMap': (argument: unknown) => ({ 'Fn::FindInMap': this.#firstNamed(argument) }),
    }),
  );

  #named(name: string): string {
    return name.startsWith('AWS::') ? name : `${this.#prefix}${name}`;
  }

  #attribute(argument: unknown): unknown {
    if (typeof argument === 'string') return `${this.#prefix}${argument}`;
    if (!Array.isArray(argument)) return argument;
    const [id, ...attribute] = argument as readonly unknown[];
    return [typeof id === 'string' ? `${this.#prefix}${id}` : id, ...attribute.map((part) => this.value(part))];
  }

  #substitution(argument: unknown): unknown {
    const [format, variables, ...more] = [argument].flat() as readonly unknown[];
    if (typeof format !== 'string') return argument;
    const given = typeof variables === 'object' && variables !== null ? { ...variables } : {};
    const text = replaceVariables(format, (name) => {
      const [id] = splitAttribute(name);
      if (Object.hasOwn(given, name)) return `\${${name}}`;
      return this.#pseudo.get(name) ?? `\${${id.startsWith('AWS::') ? name : `${this.#prefix}${name}`}}`;
    });
    return variables === undefined ? text : [text, this.members(given), ...more];
  }

  /** Renames a condition or mapping, the first argument of a function. */
  #firstNamed(argument: unknown): unknown {
    if (!Array.isArray(argument)) return argument;
    const [name, ...others] = argument as readonly unknown[];
    const first =
      typeof name === 'string' ? `${this.#prefix}${name}` : { 'Fn::Join': ['', [this.#prefix, this.value(name)]] };
    return [first, ...others.map((each) => this.value(each))];
  }
}
