import * as v from 'valibot';
import { LIMITS } from './limits';
import { ANY_KEY_PATTERN, ENVIRONMENT_PATTERN } from './patterns';
import { type Described, anySpelling, instant, matching, shownText, wholeNumber } from './schema';

/** Tombstones of wallets: what a restored database doesn't know of revocations. */

const text = v.string('a string');
const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const NANOSECONDS = 'nanoseconds in decimal digits, less than 2^63';
/** Nanoseconds since 1970 in decimal digits: more than a number of JSON holds. */
export const nanoseconds = v.pipe(
  matching(/^[0-9]{1,19}$/, NANOSECONDS),
  // the database's type ends there
  v.check((value) => value.padStart(19, '0') <= '9223372036854775807', NANOSECONDS),
);

export const tombstoneTimes = {
  /** delegated shares up to this time of events are destroyed: nanoseconds since 1970 */
  revokedUntilNs: v.optional(nanoseconds),
  /** ISO 8601, UTC: all server key shares are destroyed */
  serverKeySharesRevokedAt: v.optional(instant),
};
interface Times {
  readonly revokedUntilNs?: string | undefined;
  readonly serverKeySharesRevokedAt?: string | undefined;
}
export const hasTime = ({ revokedUntilNs, serverKeySharesRevokedAt }: Times): boolean =>
  revokedUntilNs !== undefined || serverKeySharesRevokedAt !== undefined;
export const ONE_TIME = 'one of the times or both';

/** What remains of a wallet's revocations. */
export const TOMBSTONE = v.pipe(
  v.strictObject({ walletId: anySpelling, chain: anySpelling, ...tombstoneTimes }),
  v.check((times) => hasTime(times), ONE_TIME),
);
export type Tombstone = Described<typeof TOMBSTONE>;

const environment = matching(ENVIRONMENT_PATTERN, 'the name of an environment');

/** Requests of the function `revoke` after a restore; its actor needs both kinds. */
export const REPLAY_REQUEST = v.variant(
  'action',
  [
    v.strictObject({
      action: v.literal('replay-tombstones', 'replay-tombstones'),
      /** where they are from: another environment's are refused */
      environment,
      tombstones: v.pipe(
        v.array(TOMBSTONE, 'a list of tombstones'),
        v.minLength(1, '1 tombstone or more'),
        v.maxLength(LIMITS.batchRecords, `at most ${LIMITS.batchRecords} tombstones`),
      ),
      reason: shownText(LIMITS.reasonChars),
    }),
    /** replays tombstones that the vault's bucket has: a page of them */
    v.strictObject({
      action: v.literal('replay-bucket', 'replay-bucket'),
      environment,
      /** those that changed at this time or later; absent: all */
      since: v.optional(instant),
      /** `next` of the former page */
      after: v.optional(matching(ANY_KEY_PATTERN, 'the next of a former response')),
      reason: shownText(LIMITS.reasonChars),
    }),
    /** states that all tombstones from one time up to another were replayed: a restored database waits for it */
    v.strictObject({
      action: v.literal('finish-replay', 'finish-replay'),
      environment,
      /** absent: from the first of all */
      since: v.optional(instant),
      until: instant,
    }),
  ],
  'replay-tombstones, replay-bucket or finish-replay',
);
export type ReplayRequest = Described<typeof REPLAY_REQUEST>;
export type ReplayBucketRequest = Extract<ReplayRequest, { action: 'replay-bucket' }>;

export const REPLAY_RESPONSE = v.object({
  /** tombstones that changed a wallet */
  applied: count,
  /** tombstones that the wallet had, or a later one */
  known: count,
  /** records that were destroyed */
  destroyed: count,
});
export type ReplayResponse = Described<typeof REPLAY_RESPONSE>;

export const REPLAY_BUCKET_RESPONSE = v.object({
  ...REPLAY_RESPONSE.entries,
  /** objects of the page that are no tombstones of this vault, or were changed: nothing was done with them. Absent: none */
  refused: v.optional(v.array(v.object({ key: text, problem: text }), 'a list')),
  /** ISO 8601, UTC: a minute before the page was listed. Tombstones that are pending may be missing, whatever their time */
  listedAt: text,
  /** pass as `after` for the next page; absent on the last */
  next: v.optional(text),
});
export type ReplayBucketResponse = Described<typeof REPLAY_BUCKET_RESPONSE>;

export const FINISH_REPLAY_RESPONSE = v.object({
  /** freezes that waited for the replay, and can be thawed now */
  freezes: count,
  /** ISO 8601, UTC: the time that a freeze still waits for */
  missing: v.optional(v.object({ since: text, until: text })),
});
export type FinishReplayResponse = Described<typeof FINISH_REPLAY_RESPONSE>;

export const TOMBSTONES_RESPONSE = v.object({
  tombstones: v.array(
    v.object({
      walletId: text,
      chain: text,
      revokedUntilNs: v.optional(nanoseconds),
      serverKeySharesRevokedAt: v.optional(text),
    }),
    'a list',
  ),
  /** ISO 8601, UTC: up to this time, a minute before it was read, the list is complete */
  listedAt: text,
  /** pass as `after` for the next page; absent on the last */
  next: v.optional(v.object({ walletId: text, chain: text })),
});
export type TombstonesResponse = Described<typeof TOMBSTONES_RESPONSE>;
