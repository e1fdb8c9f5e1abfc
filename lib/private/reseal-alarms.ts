import type { Reseal } from '../reseal';
import type { VaultKeys } from '../vault-keys';
import { executionMetric } from './execution-metric';
import { type FunctionAlarms, commonAlarms } from './function-alarms';
import { dailyMetric, vaultMetric } from './vault-metrics';

/** Days after a rotation's time in which KMS rotates, and a run moves the records. */
const ROTATION_MARGIN_DAYS = 7;

/** Returns the alarms of runs: a step that fails is tried again, and a run that ends early leaves records under former material. */
export function resealAlarms(environment: string, { function: fn, stateMachineArn }: Reseal): FunctionAlarms {
  return {
    ...commonAlarms(fn),
    'reseal-Failed': {
      metric: executionMetric(stateMachineArn, 'Failed'),
      threshold: 1,
      about: 'a reseal failed, or could not reseal all records',
    },
    'reseal-Unresealed': {
      metric: vaultMetric(environment, fn.handler, 'unresealed'),
      threshold: 1,
      about: 'records could not be resealed; share-vault reseal status --failures lists them',
    },
    'reseal-Tampered': {
      metric: vaultMetric(environment, fn.handler, 'tampered'),
      threshold: 1,
      about: `${fn.functionName} was called past the alias of its state machine`,
    },
    'reseal-TimedOut': {
      metric: executionMetric(stateMachineArn, 'TimedOut'),
      threshold: 1,
      about: 'a reseal did not end in time',
    },
    'reseal-Aborted': {
      metric: executionMetric(stateMachineArn, 'Aborted'),
      threshold: 1,
      about: 'a reseal was stopped',
    },
  };
}

/**
 * Returns the alarms of what a run left, and of rotations that did not come. The daily migration measures both; the alarms
 * keep their state until the next one. A record is stale on two days before the alarm fires, so that a run has a day.
 */
export function materialAlarms(environment: string, keys: VaultKeys): FunctionAlarms {
  const { shareKey, retiring } = keys._records;
  return {
    'vault-Stale': {
      metric: dailyMetric(environment, 'stale', 'Minimum'),
      threshold: 1,
      periods: 2,
      keepsState: true,
      about: 'records are not under the present key material since a day: share-vault reseal start',
    },
    ...(retiring.inAws.length + retiring.external.length > 0 && {
      'unseal-RetiredKey': {
        metric: vaultMetric(environment, 'unseal', 'openedRetired'),
        threshold: 1,
        about: 'a record was opened under a share key that no record needed any more: somebody brought an old row back',
      },
    }),
    ...(shareKey && {
      'vault-OldMaterial': {
        metric: dailyMetric(environment, 'materialDays', 'Maximum'),
        threshold: shareKey._rotationPeriod.toDays() + ROTATION_MARGIN_DAYS,
        keepsState: true,
        about: 'records need key material that a rotation should have replaced: share-vault keys census',
      },
    }),
  };
}
