import { isList, isObject, type Json } from './json';
import type { Values } from './vault-facts';

/** A text that is one placeholder. */
export const WHOLE = /^\{([a-zA-Z]+)\}$/;
const REFERENCE = /\$\{[^!{}](?:[^{}]|\{[a-zA-Z]+\})*\}/g;

/** Returns a shape with the vault's environment and, in references, a resource's own values in its texts. */
export function prepared(shape: Json, values: Values, environment: string): Json {
  if (typeof shape === 'string') return withValues(shape.replaceAll('{environment}', environment), values);
  if (isList(shape)) return shape.map((each) => prepared(each, values, environment));
  if (!isObject(shape)) return shape;
  const members = Object.entries(shape).map(([name, member]) => [
    name.replaceAll('{environment}', environment),
    prepared(member, values, environment),
  ]);
  return Object.fromEntries(members) as Json;
}

/** Puts `values` into references, as logical ids write them: they select the named resources. */
function withValues(text: string, values: Values): string {
  if (!text.includes('${')) return text;
  return text.replace(REFERENCE, (reference) =>
    reference.replace(/(?<!\$)\{([a-zA-Z]+)\}/g, (whole, name: string) => values[name] ?? whole),
  );
}

/** Functions that take a part of a value from another stack or the network's owner. */
const PARTS: readonly string[] = ['Fn::Select', 'Fn::Split', 'Fn::ImportValue'];

/** Returns whether a value names nothing that the vault makes itself: no reference to one of its resources. */
export function isExternal(value: Json): boolean {
  if (typeof value === 'string') return !/\$\{(?!@|!|AWS::(?!NoValue))/.test(value) && !value.includes('{{resolve:');
  if (isList(value)) return value.every(isExternal);
  if (!isObject(value)) return typeof value === 'number';
  return Object.entries(value).every(([name, member]) => PARTS.includes(name) && isExternal(member));
}

/** Returns the texts of a value or a list, none of a function: only a deploy knows its value. */
export function namesIn(value: Json): readonly string[] {
  if (isList(value)) return value.flatMap(namesIn);
  return isObject(value) ? [] : [typeof value === 'string' ? value : ''];
}

/** Returns the logical id in a reference to a thing outside the vault. */
export function referredTo(text: string): string {
  return /^\$\{@([A-Za-z0-9]+)(?:#[^{}]*)?\}$/.exec(text)?.[1] ?? '';
}
