import type * as events from 'aws-cdk-lib/aws-events';

/** Options of the reseal: a run opens each record that is not under the share key's present material, and seals it again. */
export interface ResealOptions {
  /**
   * Schedule of runs, beside the run after each rotation of a share key in AWS KMS. Those after a rotation wait ten
   * minutes, scheduled ones begin at once. KMS sends the event of a rotation on a best effort basis: a schedule makes up
   * for a lost one.
   *
   * @default - none
   */
  readonly schedule?: events.Schedule;

  /**
   * Number of workers that a run has, 1 to 8. Each adds calls to KMS, and load to the database.
   *
   * @default 1
   */
  readonly workers?: number;
}
