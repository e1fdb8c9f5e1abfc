import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Operation } from '../operation';
import type { VaultFunction } from '../vault-function';
import type { AlarmProps } from './create-alarm';
import { vaultMetric } from './vault-metrics';

/** Returns a Lambda metric of a function over five minutes, by name: it needs no reference to the function itself. */
export function functionMetric(fn: VaultFunction, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Lambda',
    metricName,
    statistic,
    period: Duration.minutes(5),
    dimensionsMap: { FunctionName: fn.functionName },
    label: fn.functionName,
  });
}

export type FunctionAlarms = Readonly<Record<string, AlarmProps>>;

/**
 * Part of a function's timeout after which a call counts as slow. The slowest call is measured, since a quiet vault has
 * few.
 */
const NEAR_TIMEOUT = 0.9;

/** Returns the alarms of every function, by id. */
export function commonAlarms(fn: VaultFunction): FunctionAlarms {
  const milliseconds = (fn._function.timeout ?? Duration.seconds(3)).toMilliseconds();
  return {
    [`${fn.handler}-Throttles`]: {
      metric: functionMetric(fn, 'Throttles', 'Sum'),
      threshold: 1,
      about: `${fn.functionName} was throttled: its concurrency is too low`,
    },
    [`${fn.handler}-Duration`]: {
      metric: functionMetric(fn, 'Duration', 'Maximum'),
      threshold: milliseconds * NEAR_TIMEOUT,
      about: `${fn.functionName} takes nearly as long as its timeout of ${milliseconds / 1_000} s allows`,
    },
  };
}

/** Refused calls that are tolerated in five minutes. Freezing is rare, and each refusal is worth a look: none is. */
const TOLERATED = 9;
const INTOLERANT: readonly string[] = [Operation.FREEZE, Operation.THAW];

/**
 * Returns the alarms of a function with callers. For Lambda a refusal is an error too. The handlers' own metrics
 * separate a caller's mistakes, of which nine are tolerated, from failures and tampering, of which none is.
 */
export function actorAlarms(environment: string, fn: VaultFunction): FunctionAlarms {
  const { handler, functionName } = fn;
  return {
    ...commonAlarms(fn),
    [`${handler}-Failed`]: {
      metric: vaultMetric(environment, handler, 'failed'),
      threshold: 1,
      about: `${functionName} failed a call because of its key, its database or its configuration`,
    },
    [`${handler}-Refused`]: {
      metric: vaultMetric(environment, handler, 'refused'),
      ...(INTOLERANT.includes(handler)
        ? { threshold: 1, about: `${functionName} refused a call` }
        : { threshold: TOLERATED + 1, about: `${functionName} refuses calls unusually often` }),
    },
    [`${handler}-Tampered`]: {
      metric: vaultMetric(environment, handler, 'tampered'),
      threshold: 1,
      about: `${functionName} found sealed bytes that were changed or moved, or a call that bypassed the actors`,
    },
  };
}

/** Returns the alarms of a function that no caller watches: each error is a failure. */
export function unattendedAlarms(fn: VaultFunction): FunctionAlarms {
  return {
    ...commonAlarms(fn),
    [`${fn.handler}-Errors`]: {
      metric: functionMetric(fn, 'Errors', 'Sum'),
      threshold: 1,
      about: `${fn.functionName} fails`,
    },
  };
}
