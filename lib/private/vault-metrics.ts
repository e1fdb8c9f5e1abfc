import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS } from '../../lambda/contract/metrics';

/** Returns the metric that a function's log lines count, over five minutes. */
export function vaultMetric(
  environment: string,
  handler: string,
  name: 'failed' | 'refused' | 'tampered' | 'unaudited' | 'unsealed',
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRICS.namespace,
    metricName: METRICS[name],
    dimensionsMap: { environment, function: handler },
    statistic: 'Sum',
    period: Duration.minutes(5),
  });
}
