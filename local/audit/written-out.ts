import { piecesOf, splitAttribute } from '../emulator/template/sub';
import { at, isList, isObject, type Json, listOf } from './json';

/** The most alternatives of one text: more are left as the template has them. */
const MOST = 64;

/**
 * A template's values with computed texts written out: the defaults of parameters, mappings, joined and split texts. A
 * text that depends on a condition becomes an `Fn::If` of whole texts. Values known only at deploy stay as they are.
 */
export class WrittenOut {
  readonly #parameters: unknown;
  readonly #mappings: unknown;

  constructor(template: unknown) {
    this.#parameters = at(template, 'Parameters');
    this.#mappings = at(template, 'Mappings');
  }

  value(value: Json): Json {
    if (isList(value)) return value.map((each) => this.value(each));
    if (!isObject(value)) return value;
    const [name = '', ...others] = Object.keys(value);
    if (others.length === 0 && name === 'Fn::Sub') return this.value(asJoin(value[name] ?? null));
    const members = Object.entries(value).map(([key, each]) => [key, this.value(each)] as const);
    const written = Object.fromEntries(members) as Json;
    return others.length > 0 ? written : (this.#function(name, at(written, name) as Json) ?? written);
  }

  #function(name: string, argument: Json): Json | undefined {
    const list = isList(argument) ? argument : [];
    if (name === 'Ref') return typeof argument === 'string' ? this.#parameter(argument) : undefined;
    if (name === 'Fn::FindInMap') return this.#mapped(list);
    if (name === 'Fn::Select') return isList(list[1]) ? list[1][Number(list[0])] : undefined;
    if (name === 'Fn::Split') return split(list[0], list[1]);
    return name === 'Fn::Join' && isList(list[1]) ? this.#joined(list[0] ?? '', list[1]) : undefined;
  }

  #parameter(name: string): Json | undefined {
    const value = at(this.#parameters, name, 'Default');
    const type = at(this.#parameters, name, 'Type');
    if (typeof value !== 'string' || typeof type !== 'string') return undefined;
    // the default of a parameter that names one in Parameter Store is not its value
    if (type.startsWith('AWS::SSM::')) return undefined;
    return type.includes('List') ? value.split(',').map((each) => each.trim()) : value;
  }

  #mapped([map, ...keys]: readonly Json[]): Json | undefined {
    const found = keys.reduce<readonly unknown[]>(
      (values, key) => values.flatMap((each) => (typeof key === 'string' ? [at(each, key)] : membersOf(each))),
      [typeof map === 'string' ? at(this.#mappings, map) : undefined],
    );
    const [value, ...others] = found.filter((each) => each !== undefined) as Json[];
    return value === undefined || others.length === 0 ? value : { 'Fn::If': ['', value, ...others] };
  }

  #joined(separator: Json, parts: readonly Json[]): Json | undefined {
    const place = parts.findIndex((part) => alternativesOf(part) !== undefined);
    const [condition = '', ...values] = alternativesOf(parts[place]) ?? [];
    const count = parts.reduce<number>((product, part) => product * ((alternativesOf(part)?.length ?? 2) - 1), 1);
    if (place >= 0 && count <= MOST) {
      const joined = values.map((each) => this.#function('Fn::Join', [separator, parts.with(place, each)]) ?? each);
      return { 'Fn::If': [condition, ...joined] };
    }
    const texts = parts.filter((part) => typeof part === 'string' || typeof part === 'number');
    return texts.length === parts.length && typeof separator === 'string'
      ? texts.join(separator)
      : { 'Fn::Join': [separator, parts] };
  }
}

function membersOf(value: unknown): readonly unknown[] {
  return isObject(value) ? Object.values(value) : [];
}

function alternativesOf(value: Json | undefined): readonly Json[] | undefined {
  return isObject(value) && Object.keys(value).length === 1 && isList(value['Fn::If']) ? value['Fn::If'] : undefined;
}

function split(separator: Json | undefined, text: Json | undefined): Json | undefined {
  return typeof separator === 'string' && typeof text === 'string' ? text.split(separator) : undefined;
}

/** Returns an `Fn::Sub` as the `Fn::Join` of its pieces. */
function asJoin(argument: Json): Json {
  const [format, variables] = listOf(argument);
  if (typeof format !== 'string') return { 'Fn::Sub ': argument };
  const parts = piecesOf(format).map((piece): Json => {
    if ('literal' in piece) return piece.literal;
    const given = at(variables, piece.variable) as Json | undefined;
    const [id, attribute] = splitAttribute(piece.variable);
    return given ?? (attribute === undefined ? { Ref: id } : { 'Fn::GetAtt': [id, attribute] });
  });
  return { 'Fn::Join': ['', parts.filter((part) => part !== '')] };
}
