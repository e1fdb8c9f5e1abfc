import type { ReplayBucketRequest, ReplayBucketResponse } from '../contract/tombstones';
import { keyBefore, readTombstoneObject } from '../contract/tombstone-object';
import { TOMBSTONES_PREFIX } from '../contract/tombstone-prefix';
import { VaultError } from '../contract/errors';
import type { S3Bucket } from '../remote/s3';
import type { PostgresTombstones } from './tombstones';
import type { Caller } from './store';
import type { Deadline } from '../invocation/deadline';

/** As of lists from the database: no call brings a tombstone later than that. */
const IN_FLIGHT_MS = 60_000;

/** What a replay from the bucket needs. */
export interface BucketReplay {
  readonly environment: string;
  readonly tombstones: Pick<PostgresTombstones, 'apply'>;
  readonly bucket: Pick<S3Bucket, 'listOldest' | 'get'> | undefined;
}

/**
 * Replays a page of the bucket's tombstones since a time, each in its oldest version. Throws `Conflict` for an object that
 * was changed, that no vault named or that is another environment's: nothing after it is replayed then.
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
  // before the list is read: later objects may be missing, also those that a call is about to put
  const listedAt = new Date(Date.now() - IN_FLIGHT_MS).toISOString();
  const start = after ?? (since === undefined ? TOMBSTONES_PREFIX : keyBefore(since));
  const { objects, next } = await bucket.listOldest(TOMBSTONES_PREFIX, start, deadline.signal);
  const sum = { applied: 0, known: 0, destroyed: 0 };
  for (const object of objects) {
    const bytes = await bucket.get(object, deadline.signal);
    const tombstone = readTombstoneObject({ key: object.key, bytes }, environment);
    const { isApplied, destroyed } = await tombstones.apply(tombstone, reason, caller, deadline);
    sum[isApplied ? 'applied' : 'known'] += 1;
    sum.destroyed += destroyed;
  }
  return { ...sum, listedAt, ...(next !== undefined && { next }) };
}
