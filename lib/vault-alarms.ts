import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { FUNCTION_ALARMS, functionMetric } from './private/function-alarms';
import { countLines, failedLogins } from './private/log-metrics';
import { vaultMetric } from './private/vault-metrics';
import type { ShareDatabase } from './share-database';
import type { VaultFunction } from './vault-function';
import type { VaultFunctions } from './vault-functions';

export interface VaultAlarmsProps {
  readonly environment: string;
  readonly topic: sns.ITopic;
  readonly database: ShareDatabase;
  readonly functions: VaultFunctions;
  /** Further functions to watch. */
  readonly others: VaultFunction[];
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
    for (const fn of [...Object.values(props.functions._byOperation), ...props.others]) this.watchFunction(fn);
    this.refusedUnseals = this.watchUnseals();
    this.watchDatabase();
  }

  private watchFunction(fn: VaultFunction): void {
    for (const alarm of FUNCTION_ALARMS) {
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
    const rate = new cloudwatch.AnomalyDetectionAlarm(this, 'unseal-Rate', {
      metric: functionMetric(functions.unseal, 'Invocations', 'Sum'),
      stdDevs: 4,
      evaluationPeriods: 2,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
      alarmDescription: `share vault ${environment}: unseals far above what is usual`,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.act(rate);
    return refusals;
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
