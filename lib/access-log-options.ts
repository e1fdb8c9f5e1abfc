import type { Duration } from 'aws-cdk-lib';

/** Options of the access log. */
export interface AccessLogOptions {
  /**
   * How long the rows of the access log stay in the database, 90 days to ten years. A month that is older as a whole is
   * archived in the bucket of tombstones, with a manifest, and then dropped from the database: its rows are verified with
   * the archive. The bucket keeps it for its own retention at least, then a year or more. Needs `tombstones`.
   *
   * @default - rows are kept forever in the database
   */
  readonly retention?: Duration;
}
