import * as v from 'valibot';
import { KINDS, type Kind, MATERIALS, type MaterialName } from './kinds';
import { LIMITS } from './limits';
import { RUN_PATTERN, SHA256_PATTERN, UUID_PATTERN } from './patterns';
import {
  type Described,
  type Schema,
  anySpelling,
  id,
  instant,
  matching,
  shownText,
  wallet,
  wholeNumber,
} from './schema';
import { RECIPIENT_JWK, REQUEST_ID } from './transport';

/** The requests that callers send to the vault's functions. */

/** Generous for a JWE of the largest material; the transport checks the exact limit. */
const JWE_CHARS = 100_000;

/** A caller's own statement, stored in the access log, unverified. */
const reason = shownText(LIMITS.reasonChars);
const kind: Schema<Kind> = v.picklist(KINDS, KINDS.join(' or '));
const jwe: Schema<string> = v.pipe(
  v.string('a compact JWE'),
  v.minLength(1, 'a compact JWE'),
  v.maxLength(JWE_CHARS, 'a compact JWE'),
);
const PROPERTIES = `at most ${LIMITS.walletPropertiesBytes} bytes of UTF-8 without NUL`;
const walletProperties: Schema<string> = v.pipe(
  v.string('a string'),
  // a character has one byte or more
  v.maxLength(LIMITS.walletPropertiesBytes, PROPERTIES),
  v.regex(/^[^\0]*$/u, PROPERTIES),
  v.check((value) => value.isWellFormed() && Buffer.byteLength(value) <= LIMITS.walletPropertiesBytes, PROPERTIES),
);
const version = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const sequence = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const sha256 = matching(SHA256_PATTERN, '64 hexadecimal digits in lower case');
/** Limits of a span of time: from one included to the other excluded. */
const span = { from: v.optional(instant), until: v.optional(instant) };

/** An object with exactly the materials of a kind. */
export function materialsOf<K extends Kind>(
  of: K,
  schema: Schema<string>,
): v.StrictObjectSchema<Record<(typeof MATERIALS)[K][number] & MaterialName, Schema<string>>, undefined> {
  return v.strictObject(v.entriesFromList(MATERIALS[of], schema));
}

/** Entries of a request that writes properties. */
const propertiesWrite = {
  /** the version that the properties replace, 0 if there are none. @default - none, or the same text */
  expectedVersion: v.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
  /** whether they may lack the backup information that the replaced ones have; for actors with server key shares */
  force: v.optional(v.boolean('true or false')),
};

function sealOf<K extends Kind>(of: K) {
  return v.strictObject({
    kind: v.literal(of, of),
    userId: v.optional(id),
    ...wallet,
    /** the wallet's public key or address */
    publicKey: v.optional(id),
    shareSetId: v.optional(id),
    /** the record that this one replaces; without it a live record is never replaced */
    supersedes: v.optional(matching(UUID_PATTERN, 'a UUID in lower case')),
    /** each a compact JWE */
    materials: materialsOf(of, jwe),
    /** a text, stored unchanged; not secret */
    walletProperties: v.optional(walletProperties),
    ...propertiesWrite,
  });
}

export const SEAL_REQUEST = v.variant(
  'kind',
  [sealOf('delegated-share'), sealOf('server-key-shares')],
  KINDS.join(' or '),
);
export type SealRequest = Described<typeof SEAL_REQUEST>;
export type SealRequestOf<K extends Kind> = Extract<SealRequest, { readonly kind: K }>;

/** Up to 100 items. Each is read by itself, so one that is malformed fails without the others. */
const items = v.pipe(
  v.array(v.unknown(), 'a list'),
  v.minLength(1, '1 item or more'),
  v.maxLength(LIMITS.batchRecords, `at most ${LIMITS.batchRecords} items`),
);

/** Seals several records, each like `SEAL_REQUEST`. */
export const SEAL_BATCH_REQUEST = v.strictObject({ items });
export type SealBatchRequest = Described<typeof SEAL_BATCH_REQUEST>;

/** Replaces a wallet's properties, without a seal. For actors with server key shares. */
export const REPLACE_PROPERTIES_REQUEST = v.strictObject({
  action: v.literal('replace-properties', 'replace-properties'),
  ...wallet,
  walletProperties,
  ...propertiesWrite,
});
export type ReplacePropertiesRequest = Described<typeof REPLACE_PROPERTIES_REQUEST>;

/** The record of an unseal. */
export const UNSEAL_ITEM = v.strictObject({
  kind,
  ...wallet,
  /** if given, the record must be this user's */
  userId: v.optional(id),
});
export type UnsealItem = Described<typeof UNSEAL_ITEM>;

const unsealer = {
  /** lambda/transport checks that it is a point on its curve */
  recipient: RECIPIENT_JWK,
  /** random, another one for each request */
  req: REQUEST_ID,
  /** the caller's own statement, stored in the access log, unverified */
  reason,
};

export const UNSEAL_REQUEST = v.strictObject({ ...UNSEAL_ITEM.entries, ...unsealer });
export type UnsealRequest = Described<typeof UNSEAL_REQUEST>;

/** Unseals several records, each like `UNSEAL_ITEM`, to one recipient. */
export const UNSEAL_BATCH_REQUEST = v.strictObject({ items, ...unsealer });
export type UnsealBatchRequest = Described<typeof UNSEAL_BATCH_REQUEST>;

/** Revoking and auditing reach wallets that an older release stored in another spelling. */
export const REVOKE_REQUEST = v.strictObject({
  walletId: anySpelling,
  chain: anySpelling,
  /** the kinds of records to destroy. @default - every kind that the actor was given */
  kinds: v.optional(
    v.pipe(
      v.array(kind, 'a list of kinds'),
      v.minLength(1, 'a kind'),
      v.metadata({ uniqueItems: true }),
      v.check((kinds) => new Set(kinds).size === kinds.length, 'each kind once'),
    ),
  ),
  reason,
});
export type RevokeRequest = Described<typeof REVOKE_REQUEST>;

/** Reads a wallet's properties, which are not secret; opens nothing. */
export const PROPERTIES_REQUEST = v.strictObject({
  ...wallet,
  /** 1, 2, 3, … @default - the newest */
  version: v.optional(version),
  /** SHA-256 of the text that the caller has, hex: if it is the stored one, the response omits the text */
  ifNoneMatch: v.optional(sha256),
});
export type PropertiesRequest = Described<typeof PROPERTIES_REQUEST>;

/** 1 to LIMITS.pageRows. @default - that */
const limit = v.optional(wholeNumber(1, LIMITS.pageRows));
/** Of a former response: any wallet that the database stores. */
const afterWallet = v.optional(v.strictObject({ walletId: anySpelling, chain: anySpelling }));
const storedWallet = { walletId: shownText(LIMITS.idChars), chain: shownText(LIMITS.chainChars) };

/**
 * Without `after` the whole log is verified in one call; it fails with `StoreUnavailable` if the time is too short.
 * With `after` and `hash`, rows after that row are verified for as long as the time allows: the response's
 * `complete` and `verifiedTo` report the progress, and `verifiedTo` is the next request's `after` and `hash`.
 */
const VERIFY_REQUEST = v.pipe(
  v.strictObject({
    action: v.literal('verify'),
    ...storedWallet,
    after: v.optional(sequence),
    /** that row's hash; a pair that does not fit the log is reported as a problem */
    hash: v.optional(sha256),
    /** the head to verify against: one stored elsewhere, or the first response's. @default - the wallet's row's */
    until: v.optional(v.strictObject({ sequence, hash: sha256 })),
  }),
  // lambda/requests requires it
  v.metadata({ dependentRequired: { after: ['hash'], hash: ['after'] } }),
);

/**
 * `records` lists a wallet's records without ciphertext, `log` pages its access log, `head` returns the log's length
 * and last hash as the wallet's row has them, `verify` checks the log's hash chain against that head. `wallets` pages the
 * vault's wallets, with `from` or `until` those with rows of the access log in that time.
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
      limit,
      ...span,
    }),
    v.strictObject({ action: v.literal('head'), ...storedWallet }),
    VERIFY_REQUEST,
    v.strictObject({
      action: v.literal('wallets'),
      /** wallets after this one, by their names. @default - from the first */
      after: afterWallet,
      limit,
      ...span,
    }),
    /** counts the vault's records by kind, key and key material */
    v.strictObject({ action: v.literal('census') }),
    /** pages what remains of wallets' revocations: a restored database doesn't know those since its backup */
    v.strictObject({
      action: v.literal('tombstones'),
      /** tombstones of wallets after this one, by their names. @default - from the first */
      after: afterWallet,
      /** those that changed at this time or later, as ISO 8601. @default - all */
      since: v.optional(instant),
    }),
    /** the last reseals, newest first */
    v.strictObject({ action: v.literal('reseals') }),
    /** the records that a reseal could not reseal */
    v.strictObject({
      action: v.literal('reseal-failures'),
      run: matching(RUN_PATTERN, 'the name of a run'),
      /** records after this one, by their ids. @default - from the first */
      after: v.optional(matching(UUID_PATTERN, 'a UUID in lower case')),
    }),
    /** a run's receipt, as the table has it */
    v.strictObject({ action: v.literal('reseal-receipt'), run: matching(RUN_PATTERN, 'the name of a run') }),
  ],
  'records, log, head, verify, wallets, census, tombstones, reseals, reseal-failures or reseal-receipt',
);
export type AuditRequest = Described<typeof AUDIT_REQUEST>;
export type AuditVerifyRequest = Described<typeof VERIFY_REQUEST>;
