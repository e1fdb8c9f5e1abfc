import type { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';

/** Options of restore testing. */
export interface RestoreTestingOptions {
  /**
   * Schedule of the tests, in UTC: AWS Backup accepts cron expressions only. `DaysSinceRestoreTest` raises an alarm after
   * eight days, so a test has to run once a week at least.
   *
   * @default - Sundays at 12:00
   */
  readonly schedule?: events.Schedule;

  /**
   * Time after which AWS Backup deletes the restored cluster: 4 to 168 hours. A test takes under an hour as a rule, and
   * gives up after less than four.
   *
   * @default Duration.hours(24)
   */
  readonly validationWindow?: Duration;
}
