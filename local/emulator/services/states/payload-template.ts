import * as v from 'valibot';
import { type Json, type JsonObject, JSON_OBJECT, isJsonObject } from './json';
import { isPath, requireValueAt } from './path';
import { StateError } from './state-error';

/** The only intrinsic function that runs here: the sum of a number at a path and a whole number, which counts. */
const SUM = /^States\.MathAdd\((\$[^,()]*), (-?\d{1,9})\)$/;

/**
 * A payload template: JSON in which a member `name.$` is replaced by `name` with the value at a path, or with a sum.
 */
export const PAYLOAD_TEMPLATE = v.pipe(
  JSON_OBJECT,
  v.check((template) => hasPathsOnly(template), 'paths such as $.a.b, or States.MathAdd, after names that end with .$'),
);

/** Returns a payload template with its values. Throws `States.Runtime` if a path leads to nothing. */
export function evaluate(template: Json, data: Json, context: JsonObject): Json {
  if (isList(template)) return template.map((each) => evaluate(each, data, context));
  if (!isJsonObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => {
      if (!name.endsWith('.$')) return [name, evaluate(value, data, context)];
      return [name.slice(0, -2), valueOf(typeof value === 'string' ? value : '', data, context)];
    }),
  );
}

/** Returns the value at a path, or the sum of one and a number. Throws `States.Runtime` if there is none. */
function valueOf(text: string, data: Json, context: JsonObject): Json {
  const [, path, added] = SUM.exec(text) ?? [];
  if (path === undefined) return requireValueAt(text, data, context);
  const value = requireValueAt(path, data, context);
  if (typeof value !== 'number') throw new StateError('States.IntrinsicFailure', `expected a number at ${path}`);
  return value + Number(added);
}

/** Returns whether all dynamic members are paths or sums: other intrinsic functions don't run here. */
function hasPathsOnly(template: Json): boolean {
  if (isList(template)) return template.every(hasPathsOnly);
  if (!isJsonObject(template)) return true;
  return Object.entries(template).every(([name, value]) =>
    name.endsWith('.$') ? typeof value === 'string' && isPath(SUM.exec(value)?.[1] ?? value) : hasPathsOnly(value),
  );
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
