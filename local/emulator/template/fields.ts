import * as v from 'valibot';
import { fail, kindOf, type Path } from './errors';

/** A string; CloudFormation also accepts numbers and booleans. */
export const text = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));

/** A whole number, or a string of its digits. */
export const wholeNumber = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d{1,15}$/), v.transform(Number))]),
  v.integer(),
);

/** A number, or a string of its digits. */
export const decimal = v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,15}(\.\d+)?$/), v.transform(Number))]);

/** A boolean, or the string `true` or `false`. */
export const flag = v.pipe(
  v.union([v.boolean(), v.picklist(['true', 'false'])]),
  v.transform((value) => value === true || value === 'true'),
);

export const texts = v.array(text);

/** Creates a schema for objects with members of one schema; valibot's own `record` also accepts lists. */
export function dictionary<S extends v.GenericSchema>(
  member: S,
): v.GenericSchema<unknown, Record<string, v.InferOutput<S>>> {
  return v.pipe(v.custom<object>(isDictionary, 'an object'), v.record(v.string(), member));
}

function isDictionary(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tags in either of CloudFormation's spellings: a list of `Key` and `Value`, or an object. */
export const tags = v.union([
  v.pipe(
    v.array(v.object({ Key: text, Value: text })),
    v.transform((list): Readonly<Record<string, string>> =>
      Object.fromEntries(list.map(({ Key, Value }) => [Key, Value])),
    ),
  ),
  dictionary(text),
]);

/** Reads a value of a file. Throws `TemplateError` with the first wrong value's path, expected type and actual type. */
export function read<S extends v.GenericSchema>(schema: S, value: unknown, file: string, at: Path): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const below = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  // the message of a custom check is the expectation
  const expected = issue.type === 'custom' ? issue.message : (issue.expected ?? issue.type);
  return fail({ file }, [...at, ...below], `expected ${expected}, got ${kindOf(issue.input)}`);
}
