import { type VaultTemplate, ofType } from './template';

/** Logical id of the bucket of tombstones. */
export const BUCKET = 'VaultTombstonesBucket';

/** Returns whether a vault has a bucket of tombstones. */
export function hasBucket(template: VaultTemplate): boolean {
  return ofType(template, 'AWS::S3::Bucket').some(({ id }) => id === BUCKET);
}
