import * as v from 'valibot';
import type { Json, JsonObject } from './json';
import { isPath, requireValueAt, valueAt } from './path';

/** A test of a `Choice` state: exactly one comparison of a variable, or tests that are combined. */
export interface Test extends Readonly<v.InferOutput<v.StrictObjectSchema<typeof COMPARED, undefined>>> {
  readonly And?: readonly Test[] | undefined;
  readonly Or?: readonly Test[] | undefined;
  readonly Not?: Test | undefined;
}

/** A test, and the state to go to if it holds. */
export interface Rule extends Test {
  readonly Next: string;
}

const COMPARISONS = {
  StringEquals: v.optional(v.string()),
  NumericEquals: v.optional(v.number()),
  NumericLessThan: v.optional(v.number()),
  NumericLessThanEquals: v.optional(v.number()),
  NumericGreaterThan: v.optional(v.number()),
  NumericGreaterThanEquals: v.optional(v.number()),
  BooleanEquals: v.optional(v.boolean()),
  IsPresent: v.optional(v.boolean()),
};
const COMPARED = {
  Variable: v.optional(v.pipe(v.string(), v.check(isPath, 'a path such as $.a.b'))),
  ...COMPARISONS,
};
const TESTS: v.GenericSchema<unknown, Test> = v.lazy(() =>
  v.pipe(
    v.strictObject(TEST),
    v.check((test) => isOne(test), ONE),
  ),
);
const COMBINED = v.optional(v.pipe(v.array(TESTS), v.minLength(1), v.readonly()));
const TEST = { ...COMPARED, And: COMBINED, Or: COMBINED, Not: v.optional(TESTS) };
const ONE = 'one comparison of a variable, or one of And, Or and Not';

export const RULE: v.GenericSchema<unknown, Rule> = v.pipe(
  v.strictObject({ ...TEST, Next: v.string(), Comment: v.optional(v.string()) }),
  v.check((test) => isOne(test), ONE),
);

/** Returns whether a test holds. Throws `States.Runtime` if a compared value is missing. */
export function holds(test: Test, data: Json, context: JsonObject): boolean {
  if (test.And) return test.And.every((each) => holds(each, data, context));
  if (test.Or) return test.Or.some((each) => holds(each, data, context));
  if (test.Not) return !holds(test.Not, data, context);
  const { Variable = '$', IsPresent } = test;
  if (IsPresent !== undefined) return (valueAt(Variable, data, context) !== undefined) === IsPresent;
  return compares(test, requireValueAt(Variable, data, context));
}

/** Compares a value. Values of different types are unequal, and neither is less. */
function compares(test: Test, value: Json): boolean {
  if (typeof value === 'string') return value === test.StringEquals;
  if (typeof value === 'boolean') return value === test.BooleanEquals;
  if (typeof value !== 'number') return false;
  const { NumericEquals, NumericLessThan: less, NumericLessThanEquals: atMost } = test;
  const { NumericGreaterThan: greater, NumericGreaterThanEquals: atLeast } = test;
  if (NumericEquals !== undefined) return value === NumericEquals;
  if (less !== undefined) return value < less;
  if (atMost !== undefined) return value <= atMost;
  if (greater !== undefined) return value > greater;
  return atLeast !== undefined && value >= atLeast;
}

function isOne(test: Test): boolean {
  const comparisons = Object.keys(test).filter((name) => Object.hasOwn(COMPARISONS, name)).length;
  const combined = [test.And, test.Or, test.Not].filter((each) => each !== undefined).length;
  if (test.Variable === undefined) return comparisons === 0 && combined === 1;
  return comparisons === 1 && combined === 0;
}
