import * as v from 'valibot';
import { RUNTIME, TIMEOUT, type StateError } from './state-error';

const ALL = 'States.ALL';
const TASK_FAILED = 'States.TaskFailed';
/** Reserved names that a state here can have; others would never match. */
const RESERVED: readonly string[] = [
  ...[ALL, TASK_FAILED, TIMEOUT, 'States.Permissions', 'States.ResultPathMatchFailure'],
];

const NAME = v.pipe(
  v.string(),
  v.check((name) => !name.startsWith('States.') || RESERVED.includes(name), `an own name or ${RESERVED.join(', ')}`),
);
const NAMES = v.pipe(
  v.array(NAME),
  v.minLength(1),
  v.check((names) => !names.includes(ALL) || names.length === 1, `${ALL} as the only name`),
);

const whole = (min: number, max = 99_999_999) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** A retrier, with the language's defaults. */
export const RETRIER = v.strictObject({
  ErrorEquals: NAMES,
  IntervalSeconds: v.optional(whole(1), 1),
  MaxAttempts: v.optional(whole(0), 3),
  BackoffRate: v.optional(v.pipe(v.number(), v.minValue(1)), 2),
  MaxDelaySeconds: v.optional(whole(1, 31_622_399)),
  JitterStrategy: v.optional(v.picklist(['NONE', 'FULL']), 'NONE'),
  Comment: v.optional(v.string()),
});
export type Retrier = v.InferOutput<typeof RETRIER>;

/** Returns a schema of retriers or catchers: only the last one may match all errors. */
export function inOrder<S extends v.GenericSchema<unknown, { readonly ErrorEquals: readonly string[] }>>(
  schema: S,
): v.GenericSchema<unknown, v.InferOutput<S>[]> {
  return v.pipe(
    v.array(schema),
    v.check((list) => list.slice(0, -1).every(({ ErrorEquals }) => !ErrorEquals.includes(ALL)), `${ALL} last`),
  );
}

/** Checks whether names match an error. `States.Runtime` ends the execution: nothing matches it. */
export function matches(names: readonly string[], { error }: StateError): boolean {
  if (error === RUNTIME) return false;
  return names.some(
    (name) => name === ALL || name === error || (name === TASK_FAILED && error !== undefined && error !== TIMEOUT),
  );
}

/** Returns the seconds before a retry. @param attempt from 1 @param random between 0 and 1 */
export function delayOf(retrier: Retrier, attempt: number, random: number): number {
  const { IntervalSeconds, BackoffRate, MaxDelaySeconds = Infinity, JitterStrategy } = retrier;
  const delay = Math.min(IntervalSeconds * BackoffRate ** (attempt - 1), MaxDelaySeconds);
  return JitterStrategy === 'FULL' ? delay * random : delay;
}
