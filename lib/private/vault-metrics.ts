import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS } from '../../lambda/contract/metrics';

/** Returns the metric of the calls of a function without actors that succeeded, over a day. */
export function dailySuccesses(environment: string, handler: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRICS.namespace,
    metricName: METRICS.answered,
    dimensionsMap: { environment, function: handler },
    statistic: 'Sum',
    period: Duration.days(1),
  });
}

/** Returns the metric that a function's log lines count, over five minutes. */
export function vaultMetric(
  environment: string,
  handler: string,
  name:
    | 'failed'
    | 'openedRetired'
    | 'openedRetiring'
    | 'overdue'
    | 'refused'
    | 'tampered'
    | 'thawed'
    | 'thawRequested'
    | 'thawsLogged'
    | 'unaudited'
    | 'unresealed'
    | 'unsealed',
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRICS.namespace,
    metricName: METRICS[name],
    dimensionsMap: { environment, function: handler },
    statistic: 'Sum',
    period: Duration.minutes(5),
  });
}

/** Returns a metric of the vault's restore tests over a period. The greatest value of each is the worst one. */
export function restoreMetric(
  environment: string,
  name: 'daysSinceRestoreTest' | 'recoveryPointAgeMinutes' | 'restoreMinutes',
  period: Duration,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRICS.namespace,
    metricName: METRICS[name],
    dimensionsMap: { environment },
    statistic: 'Maximum',
    period,
  });
}

/**
 * Returns a metric of the vault that each migration sends, so once a day at least. Over a day: `Minimum` ignores what a reseal
 * mended on that day.
 */
export function dailyMetric(
  environment: string,
  name: 'stale' | 'materialDays',
  statistic: 'Minimum' | 'Maximum',
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRICS.namespace,
    metricName: METRICS[name],
    dimensionsMap: { environment },
    statistic,
    period: Duration.days(1),
  });
}

/** Returns the metric of the freezes in force, over a minute: it has a value only in the minutes of a call. */
export function frozenMetric(environment: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRICS.namespace,
    metricName: METRICS.frozen,
    dimensionsMap: { environment },
    statistic: 'Maximum',
    period: Duration.minutes(1),
  });
}

/** Returns the metric of the tombstones that the bucket doesn't have, over a minute: it has a value only in the minutes of a call. */
export function pendingMetric(environment: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRICS.namespace,
    metricName: METRICS.tombstonesPending,
    dimensionsMap: { environment },
    statistic: 'Maximum',
    period: Duration.minutes(1),
  });
}
