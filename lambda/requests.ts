import * as v from 'valibot';
import {
  type AuditRequest,
  LIMITS,
  MATERIALS,
  type MaterialName,
  type RevokeRequest,
  type SealRequest,
  type UnsealRequest,
} from './api';
import { VaultError } from './errors';

/** Control, bidirectional and line-separator characters: they could forge a line wherever a text is shown. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
/** Generous for a JWE of the largest material; the transport checks the exact bound. */
const JWE_CHARS = 100_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const text = (maxChars: number) => {
  const expected = `1 to ${maxChars} characters without control, bidirectional or line-separator characters`;
  return v.pipe(
    v.string('a string'),
    v.check((value) => value.length >= 1 && value.length <= maxChars, expected),
    v.check((value) => value.isWellFormed() && !HIDDEN.test(value), expected),
  );
};

const id = text(LIMITS.idChars);
const wallet = { walletId: id, chain: text(LIMITS.chainChars) };
const reason = text(LIMITS.reasonChars);
/** Server key shares have their tables, and no flows yet. */
const kind = v.literal('delegated-share', '"delegated-share"');
const jwe = v.pipe(v.string('a compact JWE'), v.minLength(1, 'a compact JWE'), v.maxLength(JWE_CHARS, 'a compact JWE'));
const properties = v.pipe(
  v.string('a string'),
  v.check(
    (value) =>
      value.isWellFormed() && !value.includes('\0') && Buffer.byteLength(value) <= LIMITS.walletPropertiesBytes,
    `at most ${LIMITS.walletPropertiesBytes} bytes of UTF-8 without NUL`,
  ),
);
const jwes = (names: readonly MaterialName[]) => v.strictObject(Object.fromEntries(names.map((name) => [name, jwe])));

const SEAL = v.strictObject({
  kind,
  userId: v.optional(id),
  ...wallet,
  publicKey: v.optional(id),
  shareSetId: v.optional(id),
  supersedes: v.optional(v.pipe(v.string('a UUID'), v.regex(UUID, 'a UUID in lower case'))),
  materials: jwes(MATERIALS['delegated-share']),
  walletProperties: v.optional(properties),
});

const UNSEAL = v.strictObject({
  kind,
  ...wallet,
  userId: v.optional(id),
  // read by lambda/transport, member by member
  recipient: v.custom<UnsealRequest['recipient']>(
    (value) => typeof value === 'object' && value !== null,
    'a public JWK',
  ),
  req: v.pipe(v.string('a string'), v.regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, '16 bytes in base64url')),
  reason,
});

const REVOKE = v.strictObject({ ...wallet, reason });

const wholeNumber = (min: number, max: number) => {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(v.number(expected), v.safeInteger(expected), v.minValue(min, expected), v.maxValue(max, expected));
};

const AUDIT = v.variant(
  'action',
  [
    v.strictObject({ action: v.literal('records'), ...wallet }),
    v.strictObject({
      action: v.literal('log'),
      ...wallet,
      after: v.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
      limit: v.optional(wholeNumber(1, LIMITS.pageRows)),
    }),
    v.strictObject({ action: v.literal('verify'), ...wallet }),
  ],
  'records, log or verify',
);

export const readSealRequest = (event: unknown): SealRequest => read(SEAL, event);
export const readUnsealRequest = (event: unknown): UnsealRequest => read(UNSEAL, event);
export const readRevokeRequest = (event: unknown): RevokeRequest => read(REVOKE, event);
export const readAuditRequest = (event: unknown): AuditRequest => read(AUDIT, event);

/** Throws `InvalidRequest` that names every member in the way, what was expected and the type of what came, no value. */
function read<T>(schema: v.GenericSchema<unknown, T>, event: unknown): T {
  const result = v.safeParse(schema, event);
  if (result.success) return result.output;
  throw new VaultError('InvalidRequest', [...new Set(result.issues.map(describe))].join('; '));
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = issue.path?.map((item) => String(item.key)) ?? [];
  const place = path.length === 0 ? 'request' : path.join('.');
  // a name that the schema does not have is the caller's own text: it is not repeated
  if (issue.expected === 'never') return `${['request', ...path.slice(0, -1)].join('.')}: got an unknown member`;
  if (issue.kind === 'schema' && issue.input === undefined) return `${place}: expected a value, got none`;
  const expected = issue.type === 'strict_object' ? 'an object' : issue.message;
  return `${place}: expected ${expected}, got ${typeName(issue.input)}`;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'string' ? 'another string' : `a value of type ${typeof value}`;
}
