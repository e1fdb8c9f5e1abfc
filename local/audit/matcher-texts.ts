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

/** References name the resources that `values` select: there, values stand as in logical ids. */
function withValues(text: string, values: Values): string {
  if (!text.includes('${')) return text;
  return text.replace(REFERENCE, (reference) =>
    reference.replace(/(?<!\$)\{([a-zA-Z]+)\}/g, (whole, name: string) => values[name] ?? whole),
  );
}

/** Returns whether a value names what the vault does not make itself: no reference to one of its resources. */
export function isExternal(value: Json): boolean {
  if (typeof value === 'string') return !/\$\{(?!@|!|AWS::)/.test(value) && !value.includes('{{resolve:');
  if (isList(value)) return value.every(isExternal);
  if (!isObject(value)) return typeof value === 'number';
  return Object.entries(value).every(([name, member]) => name.startsWith('Fn::') && isExternal(member));
}
