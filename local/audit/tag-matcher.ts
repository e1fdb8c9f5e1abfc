import { isList, isObject, type Json, type JsonObject } from './json';
import { join, type Matching } from './matching';
import type { Values } from './vault-facts';

type Tag = readonly [name: Json, value: Json];

/** Compares tags, in either of CloudFormation's spellings. The vault's owner may choose tags of other names. */
export function matchTags(matcher: Matching, shape: JsonObject, actual: Json, property: string, values: Values): void {
  const tags = tagsOf(actual);
  for (const [name, value] of tags) {
    if (!isFree(name, value) && !(typeof name === 'string' && Object.hasOwn(shape, name)))
      matcher.refuse(property, 'no such tag', [name, value]);
  }
  for (const [name, wanted] of Object.entries(shape)) {
    const found = tags.filter(([key]) => key === name).map(([, value]) => value);
    if (found.length > 1) matcher.refuse(property, `one tag ${name}`, found);
    matcher.match(wanted, found[0], join(property, name), values);
  }
}

function tagsOf(actual: Json): readonly Tag[] {
  if (!isList(actual)) return isObject(actual) ? Object.entries(actual) : [[null, actual]];
  return actual.map((tag) => (isTag(tag) ? [tag.Key, tag.Value] : [null, tag]));
}

function isTag(value: Json): value is { Key: Json; Value: Json } {
  return isObject(value) && Object.keys(value).sort().join() === 'Key,Value';
}

function isFree(name: Json, value: Json): boolean {
  return typeof name === 'string' && !/^(share-vault|aws):/.test(name) && typeof value === 'string';
}
