import { Duration } from 'aws-cdk-lib';
import type { RestoreTesting } from '../restore-testing';
import { executionMetric } from './execution-metric';
import { type FunctionAlarms, unattendedAlarms } from './function-alarms';
import { dailySuccesses, restoreMetric } from './vault-metrics';
import type { WatchRule } from './watch-rule';

/** Days after which a weekly test is missing: a week, and a day for its start and its end. */
const UNPROVEN_DAYS = 9;

/** The rule for restores that fail before a test can begin. */
export const RESTORE_FAILURES: WatchRule = {
  id: 'RestoreFailures',
  about: 'a restore by AWS Backup did not succeed',
  services: ['backup'],
  detailType: 'Restore Job State Change',
  // of the whole account and region: also a restore in an emergency is worth a look
  detail: { status: ['ABORTED', 'FAILED'] },
};

/**
 * Returns the alarms of restore tests. The function also sends the number of days every day, from the vault's own database: a
 * test that never starts raises the alarm too. A function that no longer succeeds sends nothing: another alarm is about that.
 */
export function restoreTestAlarms(
  environment: string,
  { function: fn, stateMachineArn }: RestoreTesting,
): FunctionAlarms {
  return {
    ...unattendedAlarms(fn),
    'restore-Failed': {
      metric: executionMetric(stateMachineArn, 'Failed'),
      threshold: 1,
      about: 'a restore test failed: its result in AWS Backup says why',
    },
    'restore-TimedOut': {
      metric: executionMetric(stateMachineArn, 'TimedOut'),
      threshold: 1,
      about: 'a restore test did not end in time: its instance may still exist',
    },
    'restore-Aborted': {
      metric: executionMetric(stateMachineArn, 'Aborted'),
      threshold: 1,
      about: 'a restore test was stopped: its instance may still exist',
    },
    'restore-Unproven': {
      metric: restoreMetric(environment, 'daysSinceRestoreTest', Duration.days(1)),
      threshold: UNPROVEN_DAYS,
      keepsState: true,
      about: 'no backup was restored and checked for over eight days',
    },
    // otherwise the alarm above would keep its state for ever
    'restore-check-Missed': {
      metric: dailySuccesses(environment, fn.handler),
      threshold: 1,
      periods: 2,
      below: true,
      about: 'no canary was sealed for two days: a missing restore test would not be reported either',
    },
  };
}
