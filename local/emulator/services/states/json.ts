import * as v from 'valibot';

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export const JSON_VALUE: v.GenericSchema<unknown, Json> = v.lazy(() =>
  v.union([v.string(), v.number(), v.boolean(), v.null(), v.array(JSON_VALUE), JSON_OBJECT]),
);
export const JSON_OBJECT: v.GenericSchema<unknown, JsonObject> = v.pipe(
  // valibot's own record also accepts lists
  v.custom<object>((value) => isObject(value), 'an object'),
  v.record(v.string(), JSON_VALUE),
);

/** Reads JSON. Returns undefined if the text is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return v.parse(JSON_VALUE, JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return isObject(value);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
