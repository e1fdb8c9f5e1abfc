import * as v from 'valibot';
import { type Json, type JsonObject, JSON_OBJECT, isJsonObject } from './json';
import { isPath, requireValueAt } from './path';

/** A payload template: JSON in which a member `name.$` is replaced by `name` with the value at a path. */
export const PAYLOAD_TEMPLATE = v.pipe(
  JSON_OBJECT,
  v.check((template) => hasPathsOnly(template), 'paths such as $.a.b after names that end with .$'),
);

/** Returns a payload template with its values. Throws `States.Runtime` if a path leads to nothing. */
export function evaluate(template: Json, data: Json, context: JsonObject): Json {
  if (isList(template)) return template.map((each) => evaluate(each, data, context));
  if (!isJsonObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => {
      if (!name.endsWith('.$')) return [name, evaluate(value, data, context)];
      return [name.slice(0, -2), requireValueAt(typeof value === 'string' ? value : '', data, context)];
    }),
  );
}

/** Returns whether all dynamic members are paths: intrinsic functions don't run here. */
function hasPathsOnly(template: Json): boolean {
  if (isList(template)) return template.every(hasPathsOnly);
  if (!isJsonObject(template)) return true;
  return Object.entries(template).every(([name, value]) =>
    name.endsWith('.$') ? typeof value === 'string' && isPath(value) : hasPathsOnly(value),
  );
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
