import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Migration } from './migration';
import { functionAlarms, functionMetric } from './private/function-alarms';
import { countLines, failedLogins } from './private/log-metrics';
import { vaultMetric } from './private/vault-metrics';
import type { ShareDatabase } from './share-database';
import type { VaultFunction } from './vault-function';
import type { VaultFunctions } from './vault-functions';
import type { Webhook } from './webhook';

export interface VaultAlarmsProps {
  readonly environment: string;
  readonly topic: sns.ITopic;
  readonly database: ShareDatabase;
  readonly functions: VaultFunctions;
  readonly migration: Migration;

  /**
   * @default - none
   */
  readonly webhook?: Webhook;
}

const GIB = 1_073_741_824;

/** Alarms on what the vault does and on what it runs on. Every one goes to the topic, and again when it is over. */
export class VaultAlarms extends Construct {
  /** Refused unseals, over five minutes. */
  public readonly refusedUnseals: cloudwatch.IMetric;
  private readonly props: VaultAlarmsProps;

  constructor(scope: Construct, id: string, props: VaultAlarmsProps) {
    super(scope, id);
    this.props = props;
    for (const fn of Object.values(props.functions._byOperation)) this.watchFunction(fn);
    this.refusedUnseals = this.watchUnseals();
    this.watchMigration(props.migration);
    if (props.webhook) this.watchWebhook(props.webhook);
    this.watchDatabase();
  }

  private watchFunction(fn: VaultFunction, errors?: number): void {
    for (const alarm of functionAlarms(errors)) {
      const metric = functionMetric(fn, alarm.metric, alarm.statistic);
      this.alarm(
        `${fn.handler}-${alarm.id}`,
        metric,
        alarm.threshold,
        `${fn.functionName} ${alarm.about}`,
        alarm.periods,
      );
    }
  }

  private watchUnseals(): cloudwatch.Metric {
    const { environment, functions } = this.props;
    const refusals = vaultMetric(environment, 'unseal', 'refused');
    const tampering = vaultMetric(environment, 'unseal', 'tampered');
    this.alarm('unseal-Refused', refusals, 10, 'unseal refuses unusually often');
    this.alarm('unseal-Tampered', tampering, 1, 'sealed bytes were changed or moved, or a call came past the actors');
    this.band('unseal-Rate', functionMetric(functions.unseal, 'Invocations', 'Sum'), 'unseals far above what is usual');
    return refusals;
  }

  /** It runs by itself: one failure is one too many, and so is one run that the schedule could not begin. */
  private watchMigration(migration: Migration): void {
    this.watchFunction(migration.function, 1);
    const failed = new cloudwatch.Metric({
      namespace: 'AWS/Events',
      metricName: 'FailedInvocations',
      statistic: 'Sum',
      period: Duration.minutes(5),
      dimensionsMap: { RuleName: migration.sweep.ruleName },
    });
    this.alarm('sweep-Failed', failed, 1, 'the daily sweep could not be begun');
    const unaudited = vaultMetric(this.props.environment, 'migrate', 'unaudited');
    this.alarm('migrate-Unaudited', unaudited, 1, "the database's log has no audit of access past the functions");
  }

  /** Dynamic disables an endpoint that keeps failing: it begins with a few answers that it does not like. */
  private watchWebhook({ stage, receive }: Webhook): void {
    // the handler answers whatever happens: an error is a crash
    this.watchFunction(receive, 1);
    const period = Duration.minutes(5);
    this.alarm('webhook-ServerErrors', stage.metricServerError({ period }), 3, 'deliveries fail, and are tried again');
    this.band(
      'webhook-ClientErrors',
      stage.metricClientError({ period }),
      'far more deliveries than usual are refused',
    );
    const refused = vaultMetric(this.props.environment, receive.handler, 'refused');
    this.alarm(
      'webhook-Refused',
      refused,
      10,
      'deliveries are refused unusually often: a wrong signing secret or a forger',
    );
  }

  private watchDatabase(): void {
    const { cluster, logGroup } = this.props.database;
    const { environment } = this.props;
    const period = Duration.minutes(5);
    const measure = (name: string): cloudwatch.Metric => cluster.metric(name, { statistic: 'Maximum', period });
    this.alarm('database-Cpu', measure('CPUUtilization'), 80, 'the database is busy over 80 %', 3);
    this.alarm('database-Capacity', measure('ACUUtilization'), 90, 'the database nears its maxCapacity', 3);
    this.alarm('database-Connections', measure('DatabaseConnections'), 150, 'the database has over 150 connections', 3);
    this.alarm('database-Storage', measure('VolumeBytesUsed'), 100 * GIB, 'the database holds over 100 GiB');
    const logins = countLines(this, 'FailedLogins', { environment, logGroup, filterPattern: failedLogins() });
    this.alarm('database-FailedLogins', logins, 1, 'somebody failed to log in to the database');
  }

  private band(id: string, metric: cloudwatch.IMetric, about: string): void {
    const alarm = new cloudwatch.AnomalyDetectionAlarm(this, id, {
      metric,
      stdDevs: 4,
      evaluationPeriods: 2,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
      alarmDescription: `share vault ${this.props.environment}: ${about}`,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.act(alarm);
  }

  private alarm(id: string, metric: cloudwatch.IMetric, threshold: number, about: string, periods = 1): void {
    const alarm = new cloudwatch.Alarm(this, id, {
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      alarmDescription: `share vault ${this.props.environment}: ${about}`,
    });
    this.act(alarm);
  }

  private act(alarm: cloudwatch.Alarm): void {
    const action = new actions.SnsAction(this.props.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}
