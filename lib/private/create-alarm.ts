import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Environment of an alarm, and the topic that it notifies. */
export interface AlarmContext {
  readonly environment: string;
  readonly topic: sns.ITopic;
}

export interface AlarmProps {
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly about: string;
  /** @default 1 */
  readonly periods?: number;
  /** whether the alarm keeps its state while nothing is measured @default false */
  readonly keepsState?: boolean;
  /** whether the alarm fires below the threshold, and if nothing is measured @default false */
  readonly below?: boolean;
}

/** Returns the name of a vault's alarm or rule. Changes to all of them are watched by the common prefix. */
export function watchName(environment: string, id: string): string {
  return `share-vault-${environment}-${id}`;
}

/** Creates an alarm that notifies the topic when the threshold is reached, and again when it is over. Returns the alarm. */
export function createAlarm(
  scope: Construct,
  id: string,
  { environment, topic }: AlarmContext,
  { metric, threshold, about, periods = 1, keepsState = false, below = false }: AlarmProps,
): cloudwatch.Alarm {
  const alarm = new cloudwatch.Alarm(scope, id, {
    alarmName: watchName(environment, id),
    metric,
    threshold,
    evaluationPeriods: periods,
    comparisonOperator: below
      ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
      : cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: missing(keepsState, below),
    alarmDescription: `share vault ${environment}: ${about}`,
  });
  notify(alarm, topic);
  return alarm;
}

function missing(keepsState: boolean, below: boolean): cloudwatch.TreatMissingData {
  if (below) return cloudwatch.TreatMissingData.BREACHING;
  return keepsState ? cloudwatch.TreatMissingData.IGNORE : cloudwatch.TreatMissingData.NOT_BREACHING;
}

/** Creates an alarm on values four deviations above the usual for ten minutes. */
export function createAnomalyAlarm(
  scope: Construct,
  id: string,
  { environment, topic }: AlarmContext,
  { metric, about }: Pick<AlarmProps, 'metric' | 'about'>,
): void {
  const alarm = new cloudwatch.AnomalyDetectionAlarm(scope, id, {
    alarmName: watchName(environment, id),
    metric,
    stdDevs: 4,
    evaluationPeriods: 2,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
    alarmDescription: `share vault ${environment}: ${about}`,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  notify(alarm, topic);
}

/**
 * Creates an alarm on a rule that can't reach its target. Each rule has its own alarm: CloudWatch bills an alarm by its
 * metrics, so one alarm on many rules would cost the same and not name the rule.
 */
export function createRuleAlarm(
  scope: Construct,
  id: string,
  ruleName: string,
  context: AlarmContext,
  about: string,
): void {
  const metric = new cloudwatch.Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    statistic: 'Sum',
    period: Duration.minutes(5),
    dimensionsMap: { RuleName: ruleName },
  });
  createAlarm(scope, id, context, { metric, threshold: 1, about });
}

function notify(alarm: cloudwatch.Alarm, topic: sns.ITopic): void {
  const action = new actions.SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
}
