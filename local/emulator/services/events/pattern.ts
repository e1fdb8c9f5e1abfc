import * as v from 'valibot';
import { type Json, type JsonObject, isJsonObject } from '../states/json';

/**
 * The part of EventBridge's event patterns that runs here: exact values. Matchers such as `prefix` are objects in a list,
 * so the schema refuses them.
 */
const VALUES = v.pipe(v.array(v.union([v.string(), v.number(), v.boolean(), v.null()])), v.minLength(1));
type Pattern = Readonly<Record<string, unknown>>;
const PATTERN: v.GenericSchema<unknown, Pattern> = v.lazy(() =>
  v.record(
    v.string(),
    v.lazy((value) => (Array.isArray(value) ? VALUES : PATTERN)),
  ),
);

/** A test of events by a rule's pattern. */
export type Matches = (event: JsonObject) => boolean;

/** Reads a pattern. Returns undefined if it has matchers that don't run here. */
export function readPattern(pattern: unknown): Matches | undefined {
  const read = v.safeParse(PATTERN, pattern);
  // an `$or` is a list of patterns, not of values
  return read.success && !('$or' in read.output) ? (event) => matches(read.output, event) : undefined;
}

/** Every member of the pattern has to match; a member that the event lacks doesn't. */
function matches(pattern: Pattern, event: Json | undefined): boolean {
  if (!isJsonObject(event)) return false;
  return Object.entries(pattern).every(([name, wanted]) => {
    const value = Object.hasOwn(event, name) ? event[name] : undefined;
    if (!Array.isArray(wanted)) return matches(wanted as Pattern, value);
    const values: readonly unknown[] = wanted;
    // one common value is enough if the event's member is a list
    return value !== undefined && [value].flat().some((each) => values.includes(each));
  });
}
