import * as v from 'valibot';
import {
  CHAIN_PATTERN,
  SENT_CHAIN_PATTERN,
  SHOWN_PATTERN,
  TRIMMED_PATTERN,
  foldChain,
  isCanonicalId,
} from './canonical';
import { LIMITS } from './limits';

/** Parts of the schemas of requests, responses and webhook events, and the reader that all of them share. */

export type Schema<T> = v.GenericSchema<unknown, T>;

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
/** The type that a schema describes, read-only at every depth. */
export type Described<S extends v.GenericSchema> = DeepReadonly<v.InferOutput<S>>;

/** A text without control, bidirectional and line-separator characters: a shown text could forge a line with them. */
const UNFORGEABLE = /^[^\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/u;

/**
 * At most so many characters as PostgreSQL counts them: code points. `maxLength` counts UTF-16's units, so that it would
 * refuse to read what the database stores.
 */
function atMostChars(maxChars: number, expected: string) {
  // a text that is too long in any case is not taken apart
  const fits = (value: string) => value.length <= 2 * maxChars && Array.from(value).length <= maxChars;
  return [v.metadata<string, { maxLength: number }>({ maxLength: maxChars }), v.check(fits, expected)] as const;
}

/** A text that is safe to show, of 1 to `maxChars` characters. */
export function shownText(maxChars: number): Schema<string> {
  const expected = `1 to ${maxChars} characters without control, bidirectional or line-separator characters`;
  return v.pipe(
    v.string('a string'),
    v.minLength(1, expected),
    ...atMostChars(maxChars, expected),
    v.regex(UNFORGEABLE, expected),
    v.check((value) => value.isWellFormed(), expected),
  );
}

const ID = `1 to ${LIMITS.idChars} characters in Unicode form NFC, no blank at an end, none that is invisible`;
const ANY_ID = `1 to ${LIMITS.idChars} characters of well-formed Unicode`;
const CHAIN = `1 to ${LIMITS.chainChars} characters, a name in capitals such as EVM, or a CAIP-2 id such as eip155:1`;

/** An id in its canonical spelling. */
export const id: Schema<string> = v.pipe(
  v.string('a string'),
  v.minLength(1, ID),
  v.maxLength(LIMITS.idChars, ID),
  v.regex(SHOWN_PATTERN, ID),
  v.regex(TRIMMED_PATTERN, ID),
  v.check(isCanonicalId, ID),
);

/** A wallet in its canonical spelling. */
export const wallet: { readonly walletId: Schema<string>; readonly chain: Schema<string> } = {
  walletId: id,
  chain: v.pipe(v.string('a string'), v.maxLength(LIMITS.chainChars, CHAIN), v.regex(CHAIN_PATTERN, CHAIN)),
};

/** A chain in any case, read as its canonical spelling: the vault can't make its sender write it differently. */
export const sentChain: Schema<string> = v.pipe(
  v.string('a string'),
  v.maxLength(LIMITS.chainChars, CHAIN),
  v.regex(SENT_CHAIN_PATTERN, CHAIN),
  v.transform((value) => foldChain(value) ?? ''),
  v.check((value) => value !== '', CHAIN),
);

/** An id in any spelling: a revocation destroys the wallet that it names, however it is spelled. */
export const anySpelling: Schema<string> = v.pipe(
  v.string('a string'),
  v.minLength(1, ANY_ID),
  ...atMostChars(LIMITS.idChars, ANY_ID),
  v.check((value) => value.isWellFormed(), ANY_ID),
);

/** A whole number between two others, both included. */
export function wholeNumber(min: number, max: number): Schema<number> {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(v.number(expected), v.safeInteger(expected), v.minValue(min, expected), v.maxValue(max, expected));
}

const INSTANT = 'a time such as 2026-01-31T12:00:00.000Z';
/** A time as JavaScript's `toISOString` writes it: UTC, milliseconds. */
export const instant: Schema<string> = v.pipe(
  v.string('a string'),
  v.regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/, INSTANT),
  v.check(isInstant, INSTANT),
);

function isInstant(value: string): boolean {
  // PostgreSQL has no year 0
  const time = /^(?!0000)\d{4}-/.test(value) ? new Date(value) : new Date(Number.NaN);
  return !Number.isNaN(time.getTime()) && time.toISOString() === value;
}

export function matching(pattern: RegExp, expected: string): Schema<string> {
  return v.pipe(v.string('a string'), v.regex(pattern, expected));
}

/**
 * Reads a value by its schema. Calls `refuse` with a message that names each wrong member, the expected value and the type
 * of the one that came; a value is never quoted.
 *
 * @param name of the whole, such as `request`
 * @param abortEarly names the first wrong member only
 */
export function readBy<T>(
  schema: Schema<T>,
  value: unknown,
  { name, abortEarly = false }: { readonly name: string; readonly abortEarly?: boolean },
  refuse: (message: string) => Error,
): T {
  // a text that is too long is not examined further
  const result = v.safeParse(schema, value, { abortEarly, abortPipeEarly: true });
  if (result.success) return result.output;
  throw refuse([...new Set(result.issues.map((issue) => describe(issue, name)))].join('; '));
}

function describe(issue: v.BaseIssue<unknown>, name: string): string {
  const path = issue.path?.map((item) => String(item.key)) ?? [];
  const place = path.length === 0 ? name : path.join('.');
  // an unknown member's name is the sender's own text: it is not repeated
  if (issue.expected === 'never') return `${[name, ...path.slice(0, -1)].join('.')}: got an unknown member`;
  if (issue.kind === 'schema' && issue.input === undefined) return `${place}: expected a value, got none`;
  // the library's own message for these would quote the value
  const object = issue.type === 'strict_object' || issue.type === 'object';
  return `${place}: expected ${object ? 'an object' : issue.message}, got ${typeName(issue.input)}`;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'string' ? 'another string' : `a value of type ${typeof value}`;
}
