import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Migration } from './migration';
import { Operation } from './operation';
import { requireEnvironment } from './private/checks';
import { createAlarm, createAnomalyAlarm, createRuleAlarm } from './private/create-alarm';
import { type FunctionAlarms, actorAlarms, unattendedAlarms } from './private/function-alarms';
import { ROLE_COMMANDS, countLines, crashes, failedLogins, resetSettings, roleChanges } from './private/log-metrics';
import { materialAlarms, resealAlarms } from './private/reseal-alarms';
import { RESTORE_FAILURES, restoreTestAlarms } from './private/restore-test-alarms';
import { dailySuccesses, frozenMetric, pendingMetric, vaultMetric } from './private/vault-metrics';
import { createWatchRule } from './private/watch-rule';
import type { Reseal } from './reseal';
import type { RestoreTesting } from './restore-testing';
import type { ShareDatabase } from './share-database';
import type { TombstoneBucket } from './tombstone-bucket';
import type { VaultFunctions } from './vault-functions';
import type { VaultKeys } from './vault-keys';
import type { Webhook } from './webhook';

/** Props of `VaultAlarms`. */
export interface VaultAlarmsProps {
  /** Environment of the vault. */
  readonly environment: string;
  /** Topic for the alarms. */
  readonly topic: sns.ITopic;
  /** Database of the vault. */
  readonly database: ShareDatabase;
  /** Functions of the vault. */
  readonly functions: VaultFunctions;
  /** Migration of the vault. */
  readonly migration: Migration;
  /** Keys of the vault. */
  readonly keys: VaultKeys;

  /**
   * Webhook to watch.
   *
   * @default - none
   */
  readonly webhook?: Webhook;

  /**
   * Reseal to watch.
   *
   * @default - none
   */
  readonly reseal?: Reseal;

  /**
   * Restore testing to watch.
   *
   * @default - none
   */
  readonly restoreTesting?: RestoreTesting;

  /**
   * Bucket of tombstones to watch.
   *
   * @default - none
   */
  readonly tombstones?: TombstoneBucket;
}

const GIB = 1_073_741_824;

/**
 * Alarms on the vault's functions, database and backups. Each alarm notifies the topic when it starts and when it is
 * over.
 */
export class VaultAlarms extends Construct {
  /** Number of refused unseals in five minutes. */
  public readonly refusedUnseals: cloudwatch.IMetric;
  private readonly props: VaultAlarmsProps;

  constructor(scope: Construct, id: string, props: VaultAlarmsProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    this.props = props;
    this.watchFunctions();
    this.watchFreezes();
    this.watchMigration(props.migration);
    if (props.webhook) this.watchWebhook(props.webhook);
    if (props.reseal) this.watchReseal(props.reseal);
    if (props.reseal) this.alarms(materialAlarms(props.environment, props.keys));
    if (props.restoreTesting) this.watchRestores(props.restoreTesting);
    if (props.tombstones) this.watchTombstones();
    this.watchDatabase();
    this.watchBackups();
    this.refusedUnseals = vaultMetric(props.environment, 'unseal', 'refused');
  }

  private watchFunctions(): void {
    const { environment, functions } = this.props;
    const all = Object.values(functions._byOperation);
    for (const fn of all) this.alarms(actorAlarms(environment, fn));
    const [crashed] = all.map(({ handler, logGroup }) =>
      countLines(this, `${handler}-Crashes`, {
        ...{ environment, logGroup },
        metricName: 'Crashes',
        filterPattern: crashes(),
      }),
    );
    if (crashed) {
      const about = `a function ended without a response: ${all.map(({ handler }) => handler).join(', ')}; the log says why`;
      this.alarms({ 'functions-Crashed': { metric: crashed, threshold: 1, about } });
    }
    // not calls: one of them can open 100 records
    const metric = vaultMetric(environment, 'unseal', 'unsealed');
    createAnomalyAlarm(this, 'unseal-Rate', this.props, { metric, about: 'far more records unsealed than usual' });
  }

  /**
   * Watches freezes. Only calls, those of the schedule included, send the number of freezes in force: between them the
   * alarm keeps its state.
   */
  private watchFreezes(): void {
    const { environment } = this.props;
    const thaw = (handler: string, name: 'thawed' | 'thawRequested' | 'thawsLogged', about: string) => ({
      metric: vaultMetric(environment, handler, name),
      threshold: 1,
      about,
    });
    this.alarms({
      'vault-Frozen': {
        metric: frozenMetric(environment),
        threshold: 1,
        keepsState: true,
        about: 'openings are frozen: share-vault freezes lists what, since when and why',
      },
      'thaw-Requested': thaw(
        Operation.FREEZE,
        'thawRequested',
        'an actor requested a thaw: another one may confirm it',
      ),
      'thaw-Confirmed': thaw(Operation.THAW, 'thawed', 'an actor confirmed a thaw'),
      // from the log, and so without the functions too: the migration counts each thaw once
      'thaw-Logged': thaw(
        'migrate',
        'thawsLogged',
        'the log has a thaw since the last migration: if thaw-Confirmed did not report it, somebody used both logins',
      ),
    });
  }

  /**
   * Watches the migration, which runs without a caller: one failure is too many, and so is one run that the schedule
   * could not start. Whatever the cause, an alarm fires if it does not run, or leaves what it should have destroyed.
   */
  private watchMigration(migration: Migration): void {
    const { environment } = this.props;
    this.alarms({
      ...unattendedAlarms(migration.function),
      'migrate-Unaudited': {
        metric: vaultMetric(environment, 'migrate', 'unaudited'),
        threshold: 1,
        about: "the database's log has no audit of access that bypasses the functions",
      },
      'sweep-Overdue': {
        metric: vaultMetric(environment, 'migrate', 'overdue'),
        threshold: 1,
        about: 'the daily sweep left what it should have destroyed two days ago; its response says what',
      },
    });
    const missed = createAlarm(this, 'sweep-Missed', this.props, {
      metric: dailySuccesses(environment, 'migrate'),
      threshold: 1,
      periods: 2,
      below: true,
      about: 'the daily sweep did not succeed for days: what is to be destroyed still exists',
    });
    // the first deploy's call comes before the alarm
    missed.node.addDependency(migration.trigger);
    const { ruleName } = migration.sweep;
    createRuleAlarm(this, 'sweep-Failed', ruleName, this.props, 'the daily sweep could not start');
  }

  /**
   * Watches the webhook: Dynamic disables an endpoint that keeps failing, and the first sign is a few error responses.
   */
  private watchWebhook({ stage, receive }: Webhook): void {
    // the handler always sends a response: an error is a crash
    this.alarms(unattendedAlarms(receive));
    const period = Duration.minutes(5);
    this.alarms({
      'webhook-ServerErrors': {
        metric: stage.metricServerError({ period }),
        threshold: 1,
        about: 'a delivery failed; Dynamic retries it',
      },
      'webhook-Refused': {
        metric: vaultMetric(this.props.environment, receive.handler, 'refused'),
        threshold: 10,
        about: 'deliveries are refused unusually often: a wrong signing secret or a forger',
      },
    });
    createAnomalyAlarm(this, 'webhook-ClientErrors', this.props, {
      metric: stage.metricClientError({ period }),
      about: 'far more deliveries than usual are refused',
    });
  }

  /**
   * Watches the bucket of tombstones. Revocations and the hourly migration send what it doesn't have: between them the
   * alarm keeps its state.
   */
  private watchTombstones(): void {
    this.alarms({
      'tombstones-Pending': {
        metric: pendingMetric(this.props.environment),
        threshold: 1,
        keepsState: true,
        about:
          'revocations are not in the bucket of tombstones: a restore would not know them; the log of revoke or receive says why',
      },
    });
  }

  private watchReseal(reseal: Reseal): void {
    this.alarms(resealAlarms(this.props.environment, reseal));
    for (const { node, ruleName } of reseal.rules) {
      createRuleAlarm(this, `reseal-${node.id}`, ruleName, this.props, `the rule ${node.id} could not start a reseal`);
    }
  }

  private watchRestores(restoreTesting: RestoreTesting): void {
    this.alarms(restoreTestAlarms(this.props.environment, restoreTesting));
    for (const { node, ruleName } of restoreTesting.rules) {
      const about = `the rule ${node.id} could not reach its target`;
      createRuleAlarm(this, `restore-${node.id}`, ruleName, this.props, about);
    }
    createWatchRule(this, this.props, RESTORE_FAILURES);
  }

  private watchDatabase(): void {
    const { cluster, logGroup } = this.props.database;
    const { environment } = this.props;
    const measure = (name: string): cloudwatch.Metric =>
      cluster.metric(name, { statistic: 'Maximum', period: Duration.minutes(5) });
    const logins = countLines(this, 'FailedLogins', { environment, logGroup, filterPattern: failedLogins() });
    const cpu = { metric: measure('CPUUtilization'), threshold: 80, periods: 3 };
    const capacity = { metric: measure('ACUUtilization'), threshold: 90, periods: 3 };
    const connections = { metric: measure('DatabaseConnections'), threshold: 150, periods: 3 };
    this.alarms({
      'database-Cpu': { ...cpu, about: 'the database uses over 80 % of its CPU' },
      'database-Capacity': { ...capacity, about: 'the database nears its maxCapacity' },
      'database-Connections': { ...connections, about: 'the database has over 150 connections' },
      'database-Storage': {
        metric: measure('VolumeBytesUsed'),
        threshold: 100 * GIB,
        about: 'the database holds over 100 GiB',
      },
      'database-RoleChanges': {
        metric: this.countRoleChanges(),
        threshold: 1,
        about: 'a database user, its settings or a role changed',
      },
      'database-FailedLogins': { metric: logins, threshold: 1, about: 'a login to the database failed' },
    });
  }

  /** Counts role changes in the database's log and in the migration's log. */
  private countRoleChanges(): cloudwatch.Metric {
    const { environment, database, migration } = this.props;
    const common = { environment, metricName: 'RoleChanges' };
    for (const command of ROLE_COMMANDS) {
      const filter = { logGroup: database.logGroup, filterPattern: roleChanges(command) };
      countLines(this, `RoleChanges-${command.replace(' ROLE', '')}`, { ...common, ...filter });
    }
    const filter = { logGroup: migration.function.logGroup, filterPattern: resetSettings() };
    return countLines(this, 'RoleChanges-Reset', { ...common, ...filter });
  }

  /**
   * Watches the backups: a plan that fails leaves no backup and reports nothing itself; without the account's opt-in,
   * each job fails.
   */
  private watchBackups(): void {
    const { backupVaultName } = this.props.database;
    if (backupVaultName === undefined) return;
    const jobs = (state: 'Expired' | 'Failed'): cloudwatch.Metric =>
      new cloudwatch.Metric({
        namespace: 'AWS/Backup',
        metricName: `NumberOfBackupJobs${state}`,
        statistic: 'Sum',
        period: Duration.minutes(5),
        dimensionsMap: { BackupVaultName: backupVaultName },
      });
    this.alarms({
      'backup-Failed': { metric: jobs('Failed'), threshold: 1, about: 'a backup failed' },
      'backup-Expired': { metric: jobs('Expired'), threshold: 1, about: 'a backup did not start in its window' },
    });
  }

  private alarms(alarms: FunctionAlarms): void {
    for (const [id, props] of Object.entries(alarms)) createAlarm(this, id, this.props, props);
  }
}
