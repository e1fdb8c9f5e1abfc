import * as v from 'valibot';
import { KINDS } from './kinds';
import { UUID_PATTERN } from './patterns';
import { type Described, matching, wholeNumber } from './schema';

/** What the function `audit` reports of reseals. */

const text = v.string('a string');
const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);

const RESEAL_RUN = v.object({
  /** name of the execution of the vault's state machine */
  run: text,
  /** the share key that it reseals to, as records name it */
  keyId: text,
  /** KMS's id of the key material that it reseals to. Absent: a key whose material has no id, so any of it will do */
  keyMaterialId: v.optional(text),
  /** ISO 8601, UTC, as the next two */
  startedAt: text,
  lastStepAt: text,
  /** absent: it goes on, or its execution was stopped */
  endedAt: v.optional(text),
  resealed: count,
  /** records that were replaced, revoked or resealed by another worker since they were read, or left since another session held their wallet */
  changed: count,
  /** records that could not be resealed; one that failed twice counts twice */
  failed: count,
  /** ISO 8601, UTC: when the receipt was written. Absent: there is none */
  receiptAt: v.optional(text),
  /** the keys that records were sealed under at the end, superseded ones included, by the receipt's census */
  recordKeyIds: v.optional(v.array(text, 'a list')),
  /**
   * records that the run opened at random for its receipt: as their rows say; with another key or material; not at all.
   * Uncompared: of those opened, the ones whose rows name no material, while KMS does
   */
  sample: v.optional(v.object({ opened: count, mismatched: count, failed: count, uncompared: v.optional(count) })),
});
/** A run of the reseal, as far as it came. */
export type ResealRunFact = Described<typeof RESEAL_RUN>;

/** The last 50 runs, newest first. */
export const RESEALS_RESPONSE = v.object({ reseals: v.array(RESEAL_RUN, 'a list') });
export type ResealsResponse = Described<typeof RESEALS_RESPONSE>;

const RESEAL_FAILURE = v.object({
  recordId: matching(UUID_PATTERN, 'a UUID'),
  kind: v.picklist(KINDS, KINDS.join(' or ')),
  walletId: text,
  chain: text,
  /** why it could not be resealed: a code of an error */
  code: text,
  /** ISO 8601, UTC */
  at: text,
});
/** A record that a run could not reseal. */
export type ResealFailureFact = Described<typeof RESEAL_FAILURE>;

export const RESEAL_FAILURES_RESPONSE = v.object({
  failures: v.array(RESEAL_FAILURE, 'a list'),
  /** pass as `after` for the next page; absent on the last */
  next: v.optional(matching(UUID_PATTERN, 'a UUID')),
});
export type ResealFailuresResponse = Described<typeof RESEAL_FAILURES_RESPONSE>;

/** The receipt of a run, as the table has it. */
export const RESEAL_RECEIPT_RESPONSE = v.object({
  run: text,
  /** ISO 8601, UTC, as the next one */
  writtenAt: text,
  /** when the run ended: the key of its object begins with that time */
  endedAt: text,
  /** canonical JSON, the bytes of its object in UTF-8 */
  receipt: text,
  /** SHA-256 of the receipt, hex */
  sha256: text,
  /** ISO 8601, UTC: when the bucket got it. Absent: it is pending, or the vault has no bucket */
  keptAt: v.optional(text),
});
/** A run's receipt in the database. */
export type ResealReceiptFact = Described<typeof RESEAL_RECEIPT_RESPONSE>;

export const KEY_HISTORY = v.object({
  keyId: text,
  /** whether it was the share key, as far as the vault knows */
  wasShareKey: v.boolean('true or false'),
  /** ISO 8601, UTC: until when it may have sealed. Absent: it still may */
  sealedUntil: v.optional(text),
  /**
   * ISO 8601, UTC: when a reseal's receipt first had no record under it after it had ceased to seal. A later backup does not
   * need it. Absent: no receipt says so
   */
  freeSince: v.optional(text),
});
/** What the vault knows of a key that it lists or had. */
export type KeyHistory = Described<typeof KEY_HISTORY>;
