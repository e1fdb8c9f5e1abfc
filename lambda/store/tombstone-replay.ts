import type { ReplayBucketRequest, ReplayBucketResponse } from '../contract/tombstones';
import { maybeTombstone, readTombstoneObject } from '../contract/tombstone-object';
import { VaultError } from '../contract/errors';
import type { ObjectVersion, S3Bucket } from '../remote/s3';
import { listTombstones } from './tombstone-pages';
import type { AppliedTombstone, PostgresTombstones } from './tombstones';
import type { Caller } from './store';
import type { Deadline } from '../invocation/deadline';

/** A call that works brings its tombstone there within that time. One that could not may be missing, whatever its time. */
const IN_FLIGHT_MS = 60_000;

/** Errors of one object: it is another one, no database of the vault made it, or S3 does not return it, such as after a transition to an archive. */
const REFUSALS: readonly string[] = ['Conflict', 'KeyUnavailable'];

/** What a replay from the bucket needs. */
export interface BucketReplay {
  readonly environment: string;
  readonly tombstones: Pick<PostgresTombstones, 'apply'>;
  readonly bucket: Pick<S3Bucket, 'listOldest' | 'get'> | undefined;
}

/** An object that is no tombstone of this vault, or that was changed. */
interface Refused {
  readonly key: string;
  readonly problem: string;
}

/**
 * Replays a page of the bucket's tombstones since a time, each in its oldest version. An object that was changed, that no
 * vault named or that is another environment's is not applied: the response names it, and the tombstones after it are
 * replayed. The replay is not complete then.
 */
export async function replayBucket(
  { since, after, reason }: ReplayBucketRequest,
  caller: Caller,
  { environment, tombstones, bucket }: BucketReplay,
  deadline: Deadline,
): Promise<ReplayBucketResponse> {
  if (bucket === undefined) {
    throw new VaultError('InvalidRequest', 'request: expected a vault with a bucket of tombstones, got one without');
  }
  const replayOne = async (object: ObjectVersion): Promise<AppliedTombstone | Refused> => {
    const { key, size } = object;
    // nor is it asked for: it may have a key that can't be, or any length
    if (!maybeTombstone(key, size)) return { key, problem: 'expected an object that a vault put, got another' };
    try {
      const bytes = await bucket.get(object, deadline.signal);
      return await tombstones.apply(readTombstoneObject({ key, bytes }, environment), reason, caller, deadline);
    } catch (error) {
      if (error instanceof VaultError && REFUSALS.includes(error.name)) return { key, problem: error.message };
      throw error;
    }
  };
  // before the list is read: later objects may be missing, also those that a call is about to put
  const listedAt = new Date(Date.now() - IN_FLIGHT_MS).toISOString();
  const { objects, next } = await listTombstones(bucket, { since, after }, deadline.signal);
  const sum = { applied: 0, known: 0, destroyed: 0 };
  const refused: Refused[] = [];
  for (const object of objects) {
    const outcome = await replayOne(object);
    if ('problem' in outcome) refused.push(outcome);
    else {
      sum[outcome.isApplied ? 'applied' : 'known'] += 1;
      sum.destroyed += outcome.destroyed;
    }
  }
  return { ...sum, ...(refused.length > 0 && { refused }), listedAt, ...(next !== undefined && { next }) };
}
