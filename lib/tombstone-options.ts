import type { Duration } from 'aws-cdk-lib';

/** Options of the bucket of tombstones. */
export interface TombstoneOptions {
  /**
   * How long the bucket keeps a tombstone, in days: longer than any backup that doesn't know it. Nobody can delete a
   * tombstone earlier. A change applies to later tombstones.
   *
   * @default - the retention of backups and 30 days
   */
  readonly retention?: Duration;
}
