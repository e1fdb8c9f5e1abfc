import { isList, isObject, type Json } from './json';

/** A place at which a resource outside a vault speaks of one of the vault's. */
export interface Mention {
  readonly property: string;
  /** The canonical text: `${Keys/ShareKey/Key/Resource#Arn}`, or a text with a name of the vault's. */
  readonly text: string;
}

/** The names of a vault begin like this: functions, database, parameters, secrets, the tag. */
const NAMED = /(?<![A-Za-z0-9-])share-vault[-/:]/i;
const REFERENCE = /\$\{(?!@|!|AWS::)[^{}]+\}/;

export function isMention(text: string): boolean {
  return NAMED.test(text) || REFERENCE.test(text);
}

/** Returns every mention of a vault in a canonical value, names of members among them. */
export function mentionsIn(value: Json, property: string): readonly Mention[] {
  if (typeof value === 'string') return isMention(value) ? [{ property, text: value }] : [];
  if (isList(value)) return value.flatMap((each, i) => mentionsIn(each, `${property}[${i}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const at = `${property}.${name}`;
    const named = isMention(name) ? [{ property: at, text: name }] : [];
    return [...named, ...mentionsIn(each, at)];
  });
}
