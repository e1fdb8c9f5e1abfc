import * as v from 'valibot';
import { MATERIALS, type MaterialName, type SupportedKind } from './kinds';
import { LIMITS } from './limits';
import { SHA256_PATTERN, UUID_PATTERN } from './patterns';
import { type Described, type Schema, anySpelling, id, matching, shownText, wallet, wholeNumber } from './schema';
import type { RecipientJwk } from './transport';

/** The requests that callers send to the vault's functions. */

/** Generous for a JWE of the largest material; the transport checks the exact limit. */
const JWE_CHARS = 100_000;

/** A caller's own statement, stored in the access log, unverified. */
const reason = shownText(LIMITS.reasonChars);
const kind = v.literal('delegated-share', '"delegated-share"') satisfies Schema<SupportedKind>;
const jwe: Schema<string> = v.pipe(
  v.string('a compact JWE'),
  v.minLength(1, 'a compact JWE'),
  v.maxLength(JWE_CHARS, 'a compact JWE'),
);
const walletProperties: Schema<string> = v.pipe(
  v.string('a string'),
  v.check(
    (value) =>
      value.isWellFormed() && !value.includes('\0') && Buffer.byteLength(value) <= LIMITS.walletPropertiesBytes,
    `at most ${LIMITS.walletPropertiesBytes} bytes of UTF-8 without NUL`,
  ),
);
const version = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const sequence = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const rowHash = matching(SHA256_PATTERN, '64 hexadecimal digits in lower case');

/** An object with exactly the materials of a kind. */
export function materialsOf<K extends SupportedKind>(
  of: K,
  schema: Schema<string>,
): v.StrictObjectSchema<Record<(typeof MATERIALS)[K][number] & MaterialName, Schema<string>>, undefined> {
  return v.strictObject(v.entriesFromList(MATERIALS[of], schema));
}

export const SEAL_REQUEST = v.strictObject({
  kind,
  userId: v.optional(id),
  ...wallet,
  /** the wallet's public key or address */
  publicKey: v.optional(id),
  shareSetId: v.optional(id),
  /** the record that this one replaces; without it a live record is never replaced */
  supersedes: v.optional(matching(UUID_PATTERN, 'a UUID in lower case')),
  /** each a compact JWE */
  materials: materialsOf('delegated-share', jwe),
  /** a text, stored unchanged; not secret */
  walletProperties: v.optional(walletProperties),
});
export type SealRequest = Described<typeof SEAL_REQUEST>;

export const UNSEAL_REQUEST = v.strictObject({
  kind,
  ...wallet,
  /** if given, the record must be this user's */
  userId: v.optional(id),
  /** lambda/transport reads its members */
  recipient: v.custom<RecipientJwk>((value) => typeof value === 'object' && value !== null, 'a public JWK'),
  /** 16 random bytes, base64url (22 characters) */
  req: matching(/^[A-Za-z0-9_-]{21}[AQgw]$/, '16 bytes in base64url'),
  /** the caller's own statement, stored in the access log, unverified */
  reason,
});
export type UnsealRequest = Described<typeof UNSEAL_REQUEST>;

/** Revoking and auditing reach wallets that an older release stored in another spelling. */
export const REVOKE_REQUEST = v.strictObject({ walletId: anySpelling, chain: anySpelling, reason });
export type RevokeRequest = Described<typeof REVOKE_REQUEST>;

/** Reads a wallet's properties, which are not secret; opens nothing. */
export const PROPERTIES_REQUEST = v.strictObject({
  ...wallet,
  /** 1, 2, 3, … @default - the newest */
  version: v.optional(version),
});
export type PropertiesRequest = Described<typeof PROPERTIES_REQUEST>;

const storedWallet = { walletId: shownText(LIMITS.idChars), chain: shownText(LIMITS.chainChars) };

/**
 * Without `after` the whole log is verified in one call; it fails with `StoreUnavailable` if the time is too short.
 * With `after` and `hash`, rows after that row are verified for as long as the time allows: the response's
 * `complete` and `verifiedTo` report the progress, and `verifiedTo` is the next request's `after` and `hash`.
 */
const VERIFY_REQUEST = v.strictObject({
  action: v.literal('verify'),
  ...storedWallet,
  after: v.optional(sequence),
  /** that row's hash; a pair that does not fit the log is reported as a problem */
  hash: v.optional(rowHash),
  /** the head to verify against: one stored elsewhere, or the first response's. @default - the wallet's row's */
  until: v.optional(v.strictObject({ sequence, hash: rowHash })),
});

/**
 * `records` lists a wallet's records without ciphertext, `log` pages its access log, `head` returns the log's length
 * and last hash as the wallet's row has them, `verify` checks the log's hash chain against that head.
 */
export const AUDIT_REQUEST = v.variant(
  'action',
  [
    v.strictObject({ action: v.literal('records'), ...storedWallet }),
    v.strictObject({
      action: v.literal('log'),
      ...storedWallet,
      /** rows after this sequence number. @default - from the first */
      after: v.optional(sequence),
      /** 1 to LIMITS.pageRows. @default - that */
      limit: v.optional(wholeNumber(1, LIMITS.pageRows)),
    }),
    v.strictObject({ action: v.literal('head'), ...storedWallet }),
    VERIFY_REQUEST,
  ],
  'records, log, head or verify',
);
export type AuditRequest = Described<typeof AUDIT_REQUEST>;
export type AuditVerifyRequest = Described<typeof VERIFY_REQUEST>;
