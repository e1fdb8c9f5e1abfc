import type { ErrorCode } from '../contract/codes';
import { BUCKET_PLACE_PATTERN } from '../contract/patterns';
import { VaultError } from '../contract/errors';
import { tombstoneObject } from '../contract/tombstone-object';
import { ENV } from '../contract/variables';
import { type Deadline, deadlineIn } from '../invocation/deadline';
import { S3Bucket } from '../remote/s3';
import type { PendingTombstone, PendingTombstones } from './tombstones';

/** Longest that a revocation waits for the bucket: it succeeds without it. */
const LONGEST_MS = 2_000;
/** A revocation's own tombstones and some that failed before: put at once. */
const MOST_OF_A_CALL = 32;
const PUTS_AT_ONCE = 32;
/** What is pending is unknown: the alarm has to ring. */
const UNKNOWN = 1;

/** The part of a bucket that keeping needs. */
export interface KeepingBucket {
  putOnce(key: string, body: Buffer, signal: AbortSignal): Promise<unknown>;
}

/** Returns the bucket of tombstones: `undefined` without the variable. Throws `Misconfigured` if that is malformed. */
export function createTombstoneBucket(source: NodeJS.ProcessEnv = process.env): S3Bucket | undefined {
  const text = source[ENV.tombstoneBucket];
  if (text === undefined) return undefined;
  const [, account, bucket] = BUCKET_PLACE_PATTERN.exec(text) ?? [];
  if (account !== undefined && bucket !== undefined) return new S3Bucket({ account, bucket });
  const message = `environment variables: ${ENV.tombstoneBucket}: expected an account and a bucket, got something else`;
  throw new VaultError('Misconfigured', message);
}

/** What a call logs about the bucket. */
export interface TombstoneFacts {
  /** tombstones that the bucket doesn't have a minute after their revocation, or that this call could not bring there */
  readonly tombstonesPending: number;
  /** why it didn't get them */
  readonly tombstoneFailure?: ErrorCode;
}

export interface Keeping {
  readonly environment: string;
  readonly bucket: KeepingBucket;
  readonly pending: Pick<PendingTombstones, 'prefix' | 'list' | 'keep' | 'count'>;
}

/**
 * Brings a revocation's tombstones into the bucket. Never throws: the revocation is committed. What fails stays pending
 * for the next revocation or the hourly sweep, and the alarm rings.
 */
export async function keepTombstones(keeping: Keeping, deadline: Deadline): Promise<TombstoneFacts> {
  const own = deadlineIn(Math.min(LONGEST_MS, deadline.remainingMs() / 2), deadline.signal);
  const { pending } = keeping;
  let tombstoneFailure: ErrorCode | undefined;
  let left = 0;
  try {
    const kept = await keepSome(keeping, MOST_OF_A_CALL, own);
    // what it had no place for is too new to be counted, as what failed
    if (kept === MOST_OF_A_CALL) left = (await pending.list(MOST_OF_A_CALL, deadline)).length;
  } catch (error) {
    [tombstoneFailure, left] = [codeOf(error), UNKNOWN];
  }
  const tombstonesPending = Math.max(left, await pending.count(deadline).catch(() => UNKNOWN));
  return { tombstonesPending, ...(tombstoneFailure !== undefined && { tombstoneFailure }) };
}

/** Stores some pending tombstones, and returns how many. Throws the first failure. */
export async function keepSome(
  { environment, bucket, pending }: Keeping,
  most: number,
  deadline: Deadline,
): Promise<number> {
  const tombstones = await pending.list(most, deadline);
  const put = async (tombstone: PendingTombstone): Promise<void> => {
    const { key, bytes } = tombstoneObject({ ...tombstone, environment }, pending.prefix);
    await bucket.putOnce(key, bytes, deadline.signal);
  };
  for (let start = 0; start < tombstones.length; start += PUTS_AT_ONCE) {
    const some = tombstones.slice(start, start + PUTS_AT_ONCE);
    const results = await Promise.allSettled(some.map(put));
    const kept = some.filter((_, at) => results[at]?.status === 'fulfilled');
    if (kept.length > 0) await pending.keep(kept, deadline);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
  return tombstones.length;
}

/** Returns the code that a failure is logged with. */
export const codeOf = (error: unknown): ErrorCode => (error instanceof VaultError ? error.name : 'InternalError');
