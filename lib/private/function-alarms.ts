import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { VaultFunction } from '../vault-function';

/** A Lambda metric of a function over five minutes, by name: no handle on the function itself is needed. */
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

/** What every function is watched for. A refusal is an error to Lambda too, so a few are let pass. */
export const FUNCTION_ALARMS = [
  { id: 'Errors', metric: 'Errors', statistic: 'Sum', threshold: 5, periods: 1, about: 'fails or refuses' },
  {
    id: 'Throttles',
    metric: 'Throttles',
    statistic: 'Sum',
    threshold: 1,
    periods: 1,
    about: 'has too little concurrency',
  },
  { id: 'Latency', metric: 'Duration', statistic: 'p99', threshold: 3_000, periods: 3, about: 'takes over 3 s at p99' },
] as const;
