import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS } from '../../lambda/contract/metrics';

/** Returns the metric that a function's log lines count, over five minutes. */
export function vaultMetric(
  environment: string,
  handler: string,
  name: 'failed' | 'refused' | 'tampered' | 'thawed' | 'thawRequested' | 'unaudited' | 'unresealed' | 'unsealed',
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRICS.namespace,
    metricName: METRICS[name],
    dimensionsMap: { environment, function: handler },
    statistic: 'Sum',
    period: Duration.minutes(5),
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
