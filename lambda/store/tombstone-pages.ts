import { TOMBSTONE_PREFIXES, type TombstonePrefix, keyBefore, keysOfUnknownTime } from '../contract/tombstone-object';
import { TOMBSTONES_PREFIX } from '../contract/tombstone-prefix';
import type { S3Bucket, VersionsOfBucket } from '../remote/s3';

/** Where a page of a bucket's tombstones begins. */
export interface Place {
  /** leaves out tombstones of before; those of an unknown time are in every list @default - all */
  readonly since: string | undefined;
  /** `next` of the former page @default - the beginning */
  readonly after: string | undefined;
}

/** Returns a page of a bucket's tombstones, prefix by prefix. */
export async function listTombstones(
  bucket: Pick<S3Bucket, 'listOldest'>,
  { since, after }: Place,
  signal: AbortSignal,
): Promise<VersionsOfBucket> {
  const [first] = TOMBSTONE_PREFIXES;
  const prefix = after?.startsWith(TOMBSTONES_PREFIX) === true ? TOMBSTONES_PREFIX : first;
  const { objects, next } = await bucket.listOldest(prefix, after ?? prefix, signal);
  const following = next ?? (prefix === first ? TOMBSTONES_PREFIX : undefined);
  if (since === undefined) return { objects, next: following };
  const from = keyBefore(prefix, since);
  const wanted = objects.filter(({ key }) => key > from || key.startsWith(keysOfUnknownTime(prefix)));
  return { objects: wanted, next: following === next ? skipTo(next, from, prefix) : following };
}

/** Returns a later key if no tombstone of the list is between: one of an unknown time sorts before all others. */
function skipTo(next: string | undefined, from: string, prefix: TombstonePrefix): string | undefined {
  const isBefore = next !== undefined && next < from && !next.startsWith(keysOfUnknownTime(prefix));
  return isBefore && next > keysOfUnknownTime(prefix) ? from : next;
}
