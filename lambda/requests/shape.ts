import * as v from 'valibot';
import { LIMITS } from '../contract/api';
import { foldChain, isCanonicalChain, isCanonicalId } from '../contract/canonical';
import { VaultError } from '../contract/errors';

/** What requests and webhook events are made of, and how they are read. */

/** Control, bidirectional and line-separator characters: they could forge a line wherever a text is shown. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

export type TextSchema = v.GenericSchema<unknown, string>;

/** A text that is safe to show, 1 to so many characters. */
export function text(maxChars: number): TextSchema {
  const expected = `1 to ${maxChars} characters without control, bidirectional or line-separator characters`;
  return v.pipe(
    v.string('a string'),
    v.check((value) => value.length >= 1 && value.length <= maxChars, expected),
    v.check((value) => value.isWellFormed() && !HIDDEN.test(value), expected),
  );
}

const ID = `1 to ${LIMITS.idChars} characters in Unicode form NFC, no blank at an end, none that is invisible`;
const CHAIN = `1 to ${LIMITS.chainChars} characters, a name in capitals such as EVM, or a CAIP-2 id such as eip155:1`;

/** An id in its one spelling. */
export const id: TextSchema = v.pipe(
  v.string('a string'),
  v.check((value) => value.length >= 1 && value.length <= LIMITS.idChars && isCanonicalId(value), ID),
);

/** A wallet in its one spelling. */
export const wallet: { readonly walletId: TextSchema; readonly chain: TextSchema } = {
  walletId: id,
  chain: v.pipe(v.string('a string'), v.check(isCanonicalChain, CHAIN)),
};

/** A chain in any case, read as its one spelling: the vault can't make its sender write it differently. */
export const sentChain: TextSchema = v.pipe(
  v.string('a string'),
  v.transform((value) => foldChain(value) ?? ''),
  v.check((value) => value !== '', CHAIN),
);

/** A text that may be no id in its one spelling: a revocation destroys the wallet that it names, however spelled. */
export const anySpelling: TextSchema = v.pipe(
  v.string('a string'),
  v.check((value) => value.length >= 1 && value.length <= LIMITS.idChars && value.isWellFormed(), 'a text of an id'),
);

/** Throws `InvalidRequest` that names every member in the way, what was expected and the type of what came, no value. */
export function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new VaultError('InvalidRequest', [...new Set(result.issues.map(describe))].join('; '));
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = issue.path?.map((item) => String(item.key)) ?? [];
  const place = path.length === 0 ? 'request' : path.join('.');
  // a name that the schema does not have is the caller's own text: it is not repeated
  if (issue.expected === 'never') return `${['request', ...path.slice(0, -1)].join('.')}: got an unknown member`;
  if (issue.kind === 'schema' && issue.input === undefined) return `${place}: expected a value, got none`;
  // the library's own words for these would quote what came
  const object = issue.type === 'strict_object' || issue.type === 'object';
  return `${place}: expected ${object ? 'an object' : issue.message}, got ${typeName(issue.input)}`;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'string' ? 'another string' : `a value of type ${typeof value}`;
}
