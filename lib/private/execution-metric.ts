import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** Returns the number of a state machine's executions that ended so, over five minutes. */
export function executionMetric(stateMachineArn: string, end: 'Aborted' | 'Failed' | 'TimedOut'): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/States',
    metricName: `Executions${end}`,
    statistic: 'Sum',
    period: Duration.minutes(5),
    dimensionsMap: { StateMachineArn: stateMachineArn },
  });
}
