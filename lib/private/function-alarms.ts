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

interface FunctionAlarm {
  readonly id: string;
  readonly metric: string;
  readonly statistic: string;
  readonly threshold: number;
  /** of five minutes */
  readonly periods: number;
  readonly about: string;
}

/** What every function is watched for. A refusal is an error to Lambda too: where there are callers, a few are let pass. */
export function functionAlarms(errors = 5): readonly FunctionAlarm[] {
  const sum = { statistic: 'Sum', periods: 1 };
  return [
    { id: 'Errors', metric: 'Errors', ...sum, threshold: errors, about: 'fails or refuses' },
    { id: 'Throttles', metric: 'Throttles', ...sum, threshold: 1, about: 'has too little concurrency' },
    {
      id: 'Latency',
      metric: 'Duration',
      statistic: 'p99',
      threshold: 3_000,
      periods: 3,
      about: 'takes over 3 s at p99',
    },
  ];
}
