import type { Duration } from 'aws-cdk-lib';

/** Options of the bucket of tombstones. */
export interface TombstoneOptions {
  /**
   * How long the bucket keeps a tombstone or a receipt, in days: longer than any backup that doesn't know a tombstone.
   * Nobody can delete one earlier. A change applies to later objects. Receipts that have to serve as evidence for longer
   * need a longer time.
   *
   * @default - the retention of backups and 30 days
   */
  readonly retention?: Duration;
}
