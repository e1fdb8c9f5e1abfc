import type { Duration } from 'aws-cdk-lib';

/** Options of the bucket of tombstones. */
export interface TombstoneOptions {
  /**
   * How long the bucket keeps a tombstone or a receipt, in days: longer than any backup that doesn't know a tombstone.
   * Nobody can delete one earlier. A change applies to later objects. Receipts that have to serve as evidence for longer
   * need a longer time. With a retention of the access log it is a year or more, since the bucket has its archives.
   *
   * @default - the retention of backups and 30 days; with a retention of the access log a year
   */
  readonly retention?: Duration;
}
