import { type Json, type JsonObject, isJsonObject } from './json';
import { StateError, runtimeError } from './state-error';

/** A reference path: `$`, `$.a.b`, `$['a b'][0]`; after `$$`, it refers to the context object. */
const PATH = /^\$\$?(?:\.[A-Za-z_][\w-]*|\['[^'\\]+'\]|\[\d{1,9}\])*$/;
const STEP = /\.([A-Za-z_][\w-]*)|\['([^'\\]+)'\]|\[(\d{1,9})\]/g;

/** Returns whether a text is a path that runs here: without wildcards, slices, filters and functions. */
export function isPath(text: string): boolean {
  return PATH.test(text);
}

/** Returns whether a text is a path into a state's data, by names only, as `ResultPath` needs it. */
export function isResultPath(text: string): boolean {
  return PATH.test(text) && !text.startsWith('$$') && !/\[\d/.test(text);
}

/** Returns the value at a path; undefined if there is none. */
export function valueAt(path: string, data: Json, context: JsonObject): Json | undefined {
  return stepsOf(path).reduce<Json | undefined>(memberOf, path.startsWith('$$') ? context : data);
}

/** Returns the value at a path. Throws `States.Runtime` if there is none. */
export function requireValueAt(path: string, data: Json, context: JsonObject): Json {
  const value = valueAt(path, data, context);
  if (value === undefined) throw runtimeError(`expected a value at ${path}, got none`);
  return value;
}

/**
 * Returns the data with a value at a path; creates missing objects. Throws `States.ResultPathMatchFailure` if a part is no
 * object.
 */
export function withValueAt(path: string, data: Json, value: Json): Json {
  return setAt(stepsOf(path), data, value, path);
}

function setAt([first, ...others]: readonly (string | number)[], data: Json, value: Json, path: string): Json {
  if (first === undefined) return value;
  if (!isJsonObject(data)) {
    throw new StateError('States.ResultPathMatchFailure', `expected objects along ${path}, got something else`);
  }
  const inner = Object.hasOwn(data, first) ? (data[first] ?? {}) : {};
  return { ...data, [first]: setAt(others, inner, value, path) };
}

function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(STEP)].map(([, name, quoted, index]) => name ?? quoted ?? Number(index));
}

function memberOf(value: Json | undefined, step: string | number): Json | undefined {
  if (typeof step === 'number') return Array.isArray(value) ? (value as readonly Json[])[step] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
