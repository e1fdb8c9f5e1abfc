import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { requireEnvironment } from './private/checks';
import { Operation } from './operation';
import { functionMetric } from './private/function-alarms';
import { dailyMetric, vaultMetric } from './private/vault-metrics';
import type { Reseal } from './reseal';
import type { ShareDatabase } from './share-database';
import type { VaultFunctions } from './vault-functions';
import type { Webhook } from './webhook';

/** Props of `VaultDashboard`. */
export interface VaultDashboardProps {
  /** Environment of the vault. */
  readonly environment: string;
  /** Database of the vault. */
  readonly database: ShareDatabase;
  /** Functions of the vault. */
  readonly functions: VaultFunctions;

  /**
   * Webhook to show.
   *
   * @default - none
   */
  readonly webhook?: Webhook;

  /**
   * Reseal to show.
   *
   * @default - none
   */
  readonly reseal?: Reseal;
  /** Metric of refused unseals. */
  readonly refusedUnseals: cloudwatch.IMetric;
}

/**
 * A dashboard on one screen: calls, errors and refusals, durations, the database and, of a vault that reseals, its key
 * material.
 */
export class VaultDashboard extends Construct {
  constructor(scope: Construct, id: string, props: VaultDashboardProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    const { cluster } = props.database;
    const functions = [
      ...Object.values(props.functions._byOperation),
      ...(props.webhook ? [props.webhook.receive] : []),
      ...(props.reseal ? [props.reseal.function] : []),
    ];
    const perFunction = (name: string, statistic: string): cloudwatch.IMetric[] =>
      functions.map((fn) => functionMetric(fn, name, statistic));
    const ofDatabase = (...names: string[]): cloudwatch.IMetric[] =>
      names.map((name) => cluster.metric(name, { statistic: 'Maximum', period: Duration.minutes(5) }));
    const graph = (title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget =>
      new cloudwatch.GraphWidget({ title, left, width: 8, height: 6 });

    new cloudwatch.Dashboard(this, 'Dashboard', {
      // an account's dashboard names are one namespace for all regions
      dashboardName: `share-vault-${props.environment}-${Stack.of(this).region}`,
      widgets: [
        [
          graph('Calls', perFunction('Invocations', 'Sum')),
          graph('Errors and refusals', [...perFunction('Errors', 'Sum'), props.refusedUnseals]),
          graph('Duration, p99 (ms)', perFunction('Duration', 'p99')),
        ],
        [
          graph('Database: capacity (ACU)', ofDatabase('ServerlessDatabaseCapacity')),
          graph('Database: busy (%)', ofDatabase('CPUUtilization', 'ACUUtilization')),
          graph('Database: connections', ofDatabase('DatabaseConnections')),
        ],
        ...(props.reseal ? [materialGraphs(props.environment)] : []),
      ],
    });
  }
}

/** Returns the graphs of what rotations leave. */
function materialGraphs(environment: string): cloudwatch.IWidget[] {
  const graph = (title: string, ...left: cloudwatch.IMetric[]): cloudwatch.GraphWidget =>
    new cloudwatch.GraphWidget({ title, left, width: 8, height: 6 });
  return [
    graph('Records on former material', dailyMetric(environment, 'stale', 'Minimum')),
    graph('Oldest material (days)', dailyMetric(environment, 'materialDays', 'Maximum')),
    graph('Materials opened by retiring keys', vaultMetric(environment, Operation.UNSEAL, 'openedRetiring')),
  ];
}
