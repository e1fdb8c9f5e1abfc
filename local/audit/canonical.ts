import { piecesOf, splitAttribute } from '../emulator/template/sub';
import { isList, isObject, type Json } from './json';

/** The function that gives a logical id its name in canonical texts. */
export type NameOf = (logicalId: string) => string;

/**
 * Returns a value with its references written out as text: `${Name}` for a `Ref`, `${Name#Attribute}` for a `GetAtt`,
 * joins and substitutions as the one text that they make, a piece of a reference as `${Name#Attribute|:|6}`. A literal
 * `${` becomes `${!`, so that no plain text passes for a reference. An export of another stack is
 * `${@ImportValue Name}`, an output of a nested one `${@NestedStack Outputs.Name}`. All other intrinsic functions stay
 * objects.
 */
export function canonical(value: Json, nameOf: NameOf): Json {
  if (typeof value === 'string') return value.replaceAll('${', '${!');
  if (isList(value)) return value.map((each) => canonical(each, nameOf));
  if (!isObject(value)) return value;
  const names = Object.keys(value);
  const [only] = names;
  if (names.length === 1 && only !== undefined) {
    const text = written(only, value[only] ?? null, nameOf);
    if (text !== undefined) return text;
  }
  return Object.fromEntries(names.map((name) => [name, canonical(value[name] ?? null, nameOf)]));
}

/** The canonical values of one template's values, each made once. */
export class CanonicalTexts {
  readonly #known = new WeakMap<object, Json>();

  constructor(private readonly nameOf: NameOf) {}

  of(value: Json): Json {
    if (typeof value !== 'object' || value === null) return canonical(value, this.nameOf);
    const known = this.#known.get(value) ?? canonical(value, this.nameOf);
    this.#known.set(value, known);
    return known;
  }
}

function written(intrinsic: string, argument: Json, nameOf: NameOf): string | undefined {
  switch (intrinsic) {
    case 'Ref':
      return typeof argument === 'string' ? reference(argument, undefined, nameOf) : undefined;
    case 'Fn::GetAtt':
      return attribute(argument, nameOf);
    case 'Fn::Join':
      return joined(argument, nameOf);
    case 'Fn::Select':
      return selected(argument, nameOf);
    case 'Fn::ImportValue':
      return typeof argument === 'string' ? imported('ImportValue', argument, nameOf) : undefined;
    case 'Fn::GetStackOutput':
      return stackOutput(argument, nameOf);
    case 'Fn::Sub':
      return substituted(argument, nameOf);
    default:
      return undefined;
  }
}

function reference(id: string, attributeName: string | undefined, nameOf: NameOf): string {
  if (attributeName?.startsWith('Outputs.')) return imported(id, attributeName, nameOf);
  const name = id.startsWith('AWS::') ? id : nameOf(id);
  return attributeName === undefined ? `\${${name}}` : `\${${name}#${attributeName}}`;
}

/** Returns a reference to a part: `${Name#Attribute|:|6}` is the seventh piece between colons, `|[]|0` a list's first. */
function selected(argument: Json, nameOf: NameOf): string | undefined {
  const [index, list] = isList(argument) && argument.length === 2 ? argument : [];
  if (typeof index !== 'number' || list === undefined) return undefined;
  const split = isObject(list) && Object.keys(list).length === 1 ? list['Fn::Split'] : undefined;
  const [separator, text] = isList(split) && split.length === 2 ? split : ['[]', list];
  const whole = text === undefined ? undefined : canonical(text, nameOf);
  if (typeof separator !== 'string' || typeof whole !== 'string' || !/^\$\{[^{}!][^{}]*\}$/.test(whole))
    return undefined;
  const name = whole.slice(2, -1);
  return `\${${name}${name.includes('#') ? '' : '#'}|${separator}|${index}}`;
}

/** Names a value of another stack, or of a nested one, like anything of the template outside the vault. */
function imported(kind: string, name: string, nameOf: NameOf): string {
  return `\${${nameOf(`${kind} ${name.replace(/[^A-Za-z0-9:._/-]/g, '_')}`)}}`;
}

function stackOutput(argument: Json, nameOf: NameOf): string | undefined {
  if (!isObject(argument)) return undefined;
  const { StackName, OutputName } = argument;
  const named = typeof StackName === 'string' && typeof OutputName === 'string';
  return named ? imported('GetStackOutput', `${StackName}/${OutputName}`, nameOf) : undefined;
}

function attribute(argument: Json, nameOf: NameOf): string | undefined {
  const parts = typeof argument === 'string' ? splitAttribute(argument) : isList(argument) ? argument : [];
  const [id, name] = parts.length === 2 ? parts : [];
  // the attribute may be a parameter's value
  return typeof id === 'string' ? reference(id, typeof name === 'string' ? name : '?', nameOf) : undefined;
}

function joined(argument: Json, nameOf: NameOf): string | undefined {
  if (!isList(argument) || argument.length !== 2) return undefined;
  const [separator, parts] = argument;
  if (typeof separator !== 'string' || !isList(parts)) return undefined;
  const texts = parts.map((part) => canonical(part, nameOf));
  if (!texts.every((text) => typeof text === 'string')) return undefined;
  const between = separator.replaceAll('${', '${!');
  return connected(texts.flatMap((text, i) => (i === 0 ? [text] : [between, text])));
}

/** Returns texts as one, without a reference that only their ends would make. */
function connected(texts: readonly string[]): string {
  return texts.reduce((text, next) => (text.endsWith('$') && next.startsWith('{') ? `${text}{!${next.slice(1)}` : text + next), ''); // prettier-ignore
}

function substituted(argument: Json, nameOf: NameOf): string | undefined {
  const [format, given] = isList(argument) ? argument : [argument];
  if (typeof format !== 'string' || (isList(argument) && argument.length !== 2)) return undefined;
  const variables = isObject(given) ? given : {};
  const texts = piecesOf(format).map((piece) => {
    if ('literal' in piece) return piece.literal.replaceAll('${', '${!');
    const value = Object.hasOwn(variables, piece.variable) ? variables[piece.variable] : undefined;
    return value === undefined ? reference(...splitAttribute(piece.variable), nameOf) : canonical(value, nameOf);
  });
  return texts.every((text) => typeof text === 'string') ? connected(texts) : undefined;
}
