import * as v from 'valibot';
import { CENSUS_GROUP } from './census';
import { ERROR_CODES, WEBHOOK_CODES } from './codes';
import { KINDS, type Kind } from './kinds';
import { LOG_ACTIONS } from './log-actions';
import { UUID_PATTERN } from './patterns';
import { materialsOf } from './requests';
import type { MeasuredMaterials } from './measured-materials';
import { KEY_HISTORY, type ResealFailuresResponse, type ResealReceiptFact, type ResealsResponse } from './reseal-runs';
import { type Described, type Schema, matching, wholeNumber } from './schema';
import type { SweptBodies, Waiting } from './swept';
import type { TombstonesResponse } from './tombstones';

export { CENSUS_GROUP, type CensusGroup } from './census';
export { LOG_ACTIONS } from './log-actions';

/**
 * The responses of the vault's functions. A reader ignores members that a newer vault may have added, but for materials:
 * their names are exactly those of the kind.
 */

const text: Schema<string> = v.string('a string');
const flag: Schema<boolean> = v.boolean('true or false');
const uuid = matching(UUID_PATTERN, 'a UUID');
const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);

/** An item of a batch that failed; the other items are not affected. */
export const ITEM_FAILURE = v.object({
  code: v.picklist(ERROR_CODES, 'a code of an error'),
  message: text,
});
export type ItemFailure = Described<typeof ITEM_FAILURE>;

export const SEAL_RESPONSE = v.object({
  /** UUID */
  recordId: uuid,
  /** ARN of the KMS key that wraps the record's data keys */
  keyId: text,
  /** ISO 8601, UTC */
  createdAt: text,
  supersededRecordId: v.optional(uuid),
});
export type SealResponse = Described<typeof SEAL_RESPONSE>;

/** In the order of the request's items. */
export const SEAL_BATCH_RESPONSE = v.object({ items: v.array(v.union([ITEM_FAILURE, SEAL_RESPONSE]), 'a list') });
export type SealBatchResponse = Described<typeof SEAL_BATCH_RESPONSE>;

export const REPLACE_PROPERTIES_RESPONSE = v.object({
  /** the new version, or the standing one if it has the same text */
  version: count,
  /** of the text in UTF-8, hex */
  sha256: text,
  /** ISO 8601, UTC: of that version */
  createdAt: text,
});
export type ReplacePropertiesResponse = Described<typeof REPLACE_PROPERTIES_RESPONSE>;

function unsealed<K extends Kind>(kind: K) {
  return v.object({
    recordId: uuid,
    kind: v.literal(kind, kind),
    /** each a compact JWE to the recipient */
    materials: materialsOf(kind, text),
    publicKey: v.optional(text),
    /** how often this record was opened, this time included */
    accessCount: count,
    /** whether the record was sealed under other properties than the wallet's present ones; false if under none. Absent: an older vault */
    propertiesChanged: v.optional(flag),
  });
}

export const UNSEAL_RESPONSE = v.variant(
  'kind',
  [unsealed('delegated-share'), unsealed('server-key-shares')],
  KINDS.join(' or '),
);
export type UnsealResponse = Described<typeof UNSEAL_RESPONSE>;

/** In the order of the request's items. */
export const UNSEAL_BATCH_RESPONSE = v.object({ items: v.array(v.union([ITEM_FAILURE, UNSEAL_RESPONSE]), 'a list') });
export type UnsealBatchResponse = Described<typeof UNSEAL_BATCH_RESPONSE>;

export const REVOKE_RESPONSE = v.object({
  /** records destroyed by this call; 0 if the wallet was revoked before, also by a try of this call with a lost response */
  revoked: count,
  /** ISO 8601: when the last backup that could still hold them expires */
  unreadableAfter: text,
  /** the kinds whose records were destroyed: those of the request, else the actor's. Absent: an older vault */
  kinds: v.optional(v.array(v.picklist(KINDS, KINDS.join(' or ')), 'a list')),
  /** whether the vault knew the wallet before this call: if not, its name may be mistyped. Absent: an older vault */
  known: v.optional(flag),
});
export type RevokeResponse = Described<typeof REVOKE_RESPONSE>;

export const PROPERTIES_RESPONSE = v.object({
  version: count,
  /** the text as it was stored */
  walletProperties: text,
  /** of that text in UTF-8, hex */
  sha256: text,
  /** ISO 8601, UTC */
  createdAt: text,
});
export type PropertiesResponse = Described<typeof PROPERTIES_RESPONSE>;

/** The response to a request whose `ifNoneMatch` is the stored text's. */
export const PROPERTIES_NOT_MODIFIED_RESPONSE = v.object({
  notModified: v.literal(true, 'true'),
  version: count,
  sha256: text,
  createdAt: text,
});
export type PropertiesNotModifiedResponse = Described<typeof PROPERTIES_NOT_MODIFIED_RESPONSE>;

const RECORD_METADATA = v.object({
  recordId: uuid,
  kind: v.picklist(KINDS, KINDS.join(' or ')),
  userId: v.optional(text),
  publicKey: v.optional(text),
  shareSetId: v.optional(text),
  keyId: text,
  algorithm: text,
  createdAt: text,
  lastAccessedAt: v.optional(text),
  accessCount: count,
  supersededAt: v.optional(text),
  /**
   * the keys that can open each material of the record, each as provider id, a blank and provider info. Absent: an older
   * vault, or a message that names none
   */
  wrappedKeys: v.optional(v.array(text, 'a list')),
  /** KMS's id of the key material that wrapped its data keys. Absent: unknown, as of an older vault's records */
  keyMaterialId: v.optional(text),
});
export type RecordMetadata = Described<typeof RECORD_METADATA>;

export const RECORDS_RESPONSE = v.object({
  records: v.array(RECORD_METADATA, 'a list'),
  /** ISO 8601, if the wallet's delegated share was revoked */
  revokedAt: v.optional(text),
  /** ISO 8601, if its server key shares were revoked */
  serverKeySharesRevokedAt: v.optional(text),
});
export type AuditRecordsResponse = Described<typeof RECORDS_RESPONSE>;

export const LOG_ENTRY = v.object({
  /** 1, 2, 3, …, a wallet's own count */
  sequence: count,
  at: text,
  action: v.picklist(LOG_ACTIONS, LOG_ACTIONS.join(' or ')),
  /** its outcome: `granted`, `not-found`, `other-user`, `revoked`, `sealed`, … */
  outcome: text,
  actor: text,
  /** Lambda's request id: joins the row with CloudTrail */
  requestId: text,
  recordId: v.optional(uuid),
  reason: v.optional(text),
  /** SHA-256, hex */
  previousHash: text,
  hash: text,
});
export type AccessLogEntry = Described<typeof LOG_ENTRY>;

/** An access log's row beside its wallet, as `share-vault log` prints it: its hash covers both. */
export const LOG_LINE = v.object({ walletId: text, chain: text, ...LOG_ENTRY.entries });

/** The head of a wallet's access log, as `share-vault export` prints it after the rows. */
export const HEAD_LINE = v.object({ walletId: text, chain: text, head: v.object({ sequence: count, hash: text }) });

export const LOG_RESPONSE = v.object({
  entries: v.array(LOG_ENTRY, 'a list'),
  /** pass as `after` for the next page; absent on the last */
  next: v.optional(count),
});
export type AuditLogResponse = Described<typeof LOG_RESPONSE>;

/** The chain's rows by its wallet's row, and the head's hash (hex): store them elsewhere as an anchor. */
export const HEAD_RESPONSE = v.object({ length: count, head: text });
export type HeadFacts = Described<typeof HEAD_RESPONSE>;

const POSITION = v.object({ sequence: count, hash: text });
/** A row of a wallet's access log: its number and its hash (64 hex digits). Row 0, before the first, has 64 zeros. */
export type ChainPosition = Described<typeof POSITION>;

const ARCHIVED = v.object({
  /** the number of the first row, and the hash of the row before it */
  from: count,
  previousHash: text,
  /** the number and the hash of the last row */
  ...POSITION.entries,
});
/** Rows of a wallet's access log that were archived and dropped, without a gap. */
export type ArchivedRows = Described<typeof ARCHIVED>;

/** Archived rows of an access log, as `share-vault log` and `share-vault export` print them in the place of the rows. */
export const ARCHIVED_LINE = v.object({ walletId: text, chain: text, archived: ARCHIVED });

export const AUDIT_HEAD_RESPONSE = v.object({
  ...HEAD_RESPONSE.entries,
  /** rows that the database has no more: `audit` returns those after them @default - none */
  archived: v.optional(v.array(ARCHIVED, 'a list')),
});
export type AuditHeadResponse = Described<typeof AUDIT_HEAD_RESPONSE>;

const PROBLEM = v.object({ sequence: count, problem: text });
/** A row that does not fit the chain, and how. */
export type LogProblem = Described<typeof PROBLEM>;

/**
 * `length` and `head` are those that were verified against: the request's `until`, else the wallet's row's. Of archived rows only
 * their ends were compared.
 */
export const VERIFY_RESPONSE = v.object({
  /** whether every row that this call read fits; of the whole log only if `complete` */
  intact: flag,
  ...HEAD_RESPONSE.entries,
  /** if not intact: the first sequence number that does not fit, and its fault */
  brokenAt: v.optional(count),
  problem: v.optional(text),
  /** the first 100 problems, the one above included */
  problems: v.optional(v.array(PROBLEM, 'a list')),
  /** of all rows that do not fit */
  problemCount: v.optional(count),
  /** whether the head was reached. A vault of an earlier release always reaches it, and omits this and the next */
  complete: v.optional(flag),
  /** the last row that was read */
  verifiedTo: v.optional(POSITION),
});
export type AuditVerifyResponse = Described<typeof VERIFY_RESPONSE>;

const LISTED_WALLET = v.object({
  walletId: text,
  chain: text,
  createdAt: text,
  /** kinds of its live records */
  kinds: v.array(v.picklist(KINDS, KINDS.join(' or ')), 'a list'),
  revokedAt: v.optional(text),
  serverKeySharesRevokedAt: v.optional(text),
  /** the newest version of its properties */
  propertiesVersion: v.optional(count),
  ...HEAD_RESPONSE.entries,
});
/** A wallet of the vault, with the head of its access log. */
export type ListedWallet = Described<typeof LISTED_WALLET>;

export const WALLETS_RESPONSE = v.object({
  wallets: v.array(LISTED_WALLET, 'a list'),
  /** pass as `after` for the next page; absent on the last */
  next: v.optional(v.object({ walletId: text, chain: text })),
});
export type AuditWalletsResponse = Described<typeof WALLETS_RESPONSE>;

export const CENSUS_RESPONSE = v.object({
  groups: v.array(CENSUS_GROUP, 'a list'),
  /** the keys that the vault lists, and those that it had; absent: of a former release */
  keys: v.optional(v.array(KEY_HISTORY, 'a list')),
});
export type AuditCensusResponse = Described<typeof CENSUS_RESPONSE>;

export type AuditResponse =
  | TombstonesResponse
  | ResealsResponse
  | ResealFailuresResponse
  | ResealReceiptFact
  | AuditCensusResponse
  | AuditWalletsResponse
  | AuditRecordsResponse
  | AuditLogResponse
  | AuditHeadResponse
  | AuditVerifyResponse;

/** The body of every response to a webhook, JSON: no more than this, whatever happened. */
export const WEBHOOK_RESPONSE = v.object({
  code: v.picklist([...WEBHOOK_CODES, ...ERROR_CODES], 'a code'),
  /** Lambda's request id */
  requestId: text,
});
export type WebhookResponse = Described<typeof WEBHOOK_RESPONSE>;

/** Lambda's response if a function refused or failed, with the header `X-Amz-Function-Error`. */
export const FUNCTION_ERROR = v.object({
  errorType: v.picklist(ERROR_CODES, 'a code of an error'),
  errorMessage: text,
});

/** The response of `migrate`, which only a deploy reads. */
export interface MigrateResponse extends MeasuredMaterials {
  /** the database user that migrated: the master */
  readonly user: string;
  /** names of the migrations that this call applied, in order */
  readonly applied: readonly string[];
  /** the newest migration that the database has */
  readonly current: string;
  /** whether the database's log records every access to the vault's tables other than by its functions */
  readonly audited: boolean;
  /** how many freezes are in force */
  readonly frozen: number;
  /** thaws that the log has since the last migration */
  readonly thawsLogged?: number;
  /** tombstones that the bucket doesn't have; absent without a bucket for them */
  readonly tombstonesPending?: number;
  /** findings for an operator, without values: settings of login roles, changed recovery keys @default - nothing */
  readonly warnings?: readonly string[];
  /** of a vault with a body store @default - none */
  readonly bodies?: SweptBodies;
  /** items that wait for a later sweep @default - they could not be counted */
  readonly waiting?: Waiting;
  /** months of the access log that an archive should have had two days ago; absent without a retention of the log */
  readonly overdueLogMonths?: number;
}
