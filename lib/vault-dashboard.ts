import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { requireEnvironment } from './private/checks';
import { Operation } from './operation';
import { functionMetric } from './private/function-alarms';
import { dailyMetric, restoreMetric, vaultMetric } from './private/vault-metrics';
import type { Reseal } from './reseal';
import type { RestoreTesting } from './restore-testing';
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

  /**
   * Restore testing to show.
   *
   * @default - none
   */
  readonly restoreTesting?: RestoreTesting;
  /** Metric of refused unseals. */
  readonly refusedUnseals: cloudwatch.IMetric;
}

/**
 * A dashboard on one screen: calls, errors and refusals, durations, the database and, of a vault that has them, the key
 * material of its records and its restore tests.
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
      ...(props.restoreTesting ? [props.restoreTesting.function] : []),
    ];
    const perFunction = (name: string, statistic: string): cloudwatch.IMetric[] =>
      functions.map((fn) => functionMetric(fn, name, statistic));
    const ofDatabase = (...names: string[]): cloudwatch.IMetric[] =>
      names.map((name) => cluster.metric(name, { statistic: 'Maximum', period: Duration.minutes(5) }));

    new cloudwatch.Dashboard(this, 'Dashboard', {
      // an account's dashboard names are one namespace for all regions
      dashboardName: `share-vault-${props.environment}-${Stack.of(this).region}`,
      widgets: [
        [
          graphOf('Calls', ...perFunction('Invocations', 'Sum')),
          graphOf('Errors and refusals', ...perFunction('Errors', 'Sum'), props.refusedUnseals),
          graphOf('Duration, p99 (ms)', ...perFunction('Duration', 'p99')),
        ],
        [
          graphOf('Database: capacity (ACU)', ...ofDatabase('ServerlessDatabaseCapacity')),
          graphOf('Database: busy (%)', ...ofDatabase('CPUUtilization', 'ACUUtilization')),
          graphOf('Database: connections', ...ofDatabase('DatabaseConnections')),
        ],
        ...(props.reseal ? [materialGraphs(props.environment)] : []),
        ...(props.restoreTesting ? [restoreGraphs(props.environment)] : []),
      ],
    });
  }
}

/** Returns the graphs of what rotations leave. */
function materialGraphs(environment: string): cloudwatch.IWidget[] {
  return [
    graphOf('Records on former material', dailyMetric(environment, 'stale', 'Minimum')),
    graphOf('Oldest material (days)', dailyMetric(environment, 'materialDays', 'Maximum')),
    graphOf('Materials opened by retiring keys', vaultMetric(environment, Operation.UNSEAL, 'openedRetiring')),
  ];
}

/** Returns the graphs of restore tests. */
function restoreGraphs(environment: string): cloudwatch.IWidget[] {
  const day = Duration.days(1);
  return [
    graphOf('Days since a restore was proven', restoreMetric(environment, 'daysSinceRestoreTest', day)),
    graphOf('Restore (minutes)', restoreMetric(environment, 'restoreMinutes', day)),
    graphOf('Age of the restored backup (minutes)', restoreMetric(environment, 'recoveryPointAgeMinutes', day)),
  ];
}

function graphOf(title: string, ...left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width: 8, height: 6 });
}
