import * as v from 'valibot';
import { KINDS, byName } from './kinds';
import { HOST_PATTERN, SHA256_PATTERN, UUID_PATTERN } from './patterns';
import { type Described, type Schema, instant, matching, wholeNumber } from './schema';

/** Restore tests: the requests to the function `restore-check`, its responses, and the facts that it seals. */

/** The actor of restore checks in logs. No alias can have this name. */
export const RESTORE_CHECK_ACTOR = 'vault:restore-check';

/** AWS Backup's id of a restore job: a UUID, in capitals in most of its examples. */
const RESTORE_JOB = /^[A-Za-z0-9-]{1,60}$/;
/** Longest message of a response: AWS Backup shows it beside the job. */
const MESSAGE_CHARS = 256;

const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const sha256 = matching(SHA256_PATTERN, 'a SHA-256 in hexadecimal digits');
const restoreJobId = matching(RESTORE_JOB, 'the id of a restore job');

const AWS_TIME = 'a time such as 2026-01-31T12:00:00Z';
/** A time as Step Functions writes it, without a fraction of zero. Read as an instant, in milliseconds. */
const awsTime: Schema<string> = v.pipe(
  matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/, AWS_TIME),
  v.transform((text) =>
    text.replace(/(?:\.(\d{1,3})\d*)?Z$/, (_, digits = '') => `.${String(digits).padEnd(3, '0')}Z`),
  ),
  v.check((text) => v.is(instant, text), AWS_TIME),
);

/** `keep` seals a canary into the vault's database; `check` compares a restored database with it. */
export const RESTORE_CHECK_REQUEST = v.variant(
  'action',
  [
    v.strictObject({ action: v.literal('keep', 'keep') }),
    v.strictObject({
      action: v.literal('check', 'check'),
      restoreJobId,
      /** the endpoint of the restored cluster */
      cluster: v.strictObject({ host: matching(HOST_PATTERN, 'a host name'), port: wholeNumber(1, 65_535) }),
      /** of the restore job */
      startedAt: awsTime,
      completedAt: awsTime,
      /** when the backup was made */
      recoveryPointAt: awsTime,
    }),
  ],
  'keep or check',
);
export type RestoreCheckRequest = Described<typeof RESTORE_CHECK_REQUEST>;
export type CheckRequest = Extract<RestoreCheckRequest, { readonly action: 'check' }>;

export interface KeepResponse {
  /** id of the canary that was sealed */
  readonly canary: string;
  /** whole days since the newest successful test; without one, since the first canary */
  readonly daysSinceRestoreTest: number;
}

const STATUS = v.picklist(['SUCCESSFUL', 'FAILED'], 'SUCCESSFUL or FAILED');
const MESSAGE = v.pipe(v.string('a string'), v.maxLength(MESSAGE_CHARS, `at most ${MESSAGE_CHARS} characters`));

/** In the words of AWS Backup's `PutRestoreValidationResult`. */
export const CHECK_RESPONSE = v.object({ status: STATUS, message: MESSAGE });
export type CheckResponse = Described<typeof CHECK_RESPONSE>;

/** Facts that are sealed beside random bytes: their own SHA-256 is a part of the bytes' encryption context. */
const sealedFacts = {
  /** of the random bytes */
  sha256,
  at: instant,
};

/** The database's content at the time of a canary, as canonical JSON. `at` is a minute before. */
export const CANARY_FACTS = v.strictObject({
  type: v.literal('canary', 'canary'),
  version: v.literal(1, '1'),
  ...sealedFacts,
  /** rows of wallets at that time, revoked ones included: no wallet is ever deleted */
  wallets: count,
  /** live records by kind */
  records: v.strictObject(byName(KINDS, () => count)),
  /** over the heads of the wallets' logs at that time, as in the receipt of a reseal */
  heads: v.strictObject({ at: instant, wallets: count, sha256 }),
  /** when a restore test succeeded last: for the time when the share key of that test is disabled */
  provenAt: v.optional(instant),
});
export type CanaryFacts = Described<typeof CANARY_FACTS>;

const tested = {
  version: v.literal(1, '1'),
  restoreJobId,
  startedAt: instant,
  completedAt: instant,
  recoveryPointAt: instant,
  message: MESSAGE,
};

/** A successful restore test, as canonical JSON. A database login by itself can't make one. */
export const PROVEN_FACTS = v.strictObject({
  type: v.literal('proven-restore', 'proven-restore'),
  ...sealedFacts,
  ...tested,
  /** id of the canary that opened */
  canary: matching(UUID_PATTERN, 'a UUID'),
  /** wallets of the restored database, and those of them whose records were compared: the others changed since the backup */
  wallets: count,
  compared: count,
});
export type ProvenFacts = Described<typeof PROVEN_FACTS>;

/** A failed one: not sealed, since the share key may be why. */
export const FAILED_FACTS = v.strictObject({ type: v.literal('failed-restore', 'failed-restore'), ...tested });
