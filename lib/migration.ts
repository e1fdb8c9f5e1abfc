import { createHash } from 'node:crypto';
import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as triggers from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import { SWEEP_ALIAS } from '../lambda/contract/reseal-alias';
import { ENV } from '../lambda/contract/variables';
import type { AccessLogOptions } from './access-log-options';
import type { BodyStoreOptions } from './body-store-options';
import type { FunctionOptions } from './function-options';
import { requireAccessLog } from './private/access-log-checks';
import { SECRET_READ } from './private/actions';
import { bindToGeneration, generationSid } from './private/generation-statement';
import type { ShareDatabase } from './share-database';
import type { StorageKey } from './storage-key';
import type { TombstoneBucket } from './tombstone-bucket';
import { VaultFunction } from './vault-function';
import type { VaultKeys } from './vault-keys';
import type { VaultNetwork } from './vault-network';

/** Props of `Migration`. */
export interface MigrationProps extends FunctionOptions, BodyStoreOptions {
  /** Environment of the vault. */
  readonly environment: string;
  /** Network of the vault. */
  readonly network: VaultNetwork;
  /** Database of the vault. */
  readonly database: ShareDatabase;
  /** Storage key of the vault. */
  readonly storageKey: StorageKey;
  /**
   * Keys of the vault. A deploy is refused if a record is sealed under another share key, or if the list of recovery keys
   * changed without a statement. The function has no permission on any key.
   */
  readonly keys: VaultKeys;

  /**
   * Bucket of tombstones.
   *
   * @default - none
   */
  readonly tombstones?: TombstoneBucket;

  /**
   * Options of the access log. A retention needs `tombstones`.
   *
   * @default - rows are kept forever in the database
   */
  readonly accessLog?: AccessLogOptions;

  /**
   * Removal policy of the logs.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Lambda's maximum. The trigger's own function has the same timeout, starts first, and may wait up to a minute for
 * nothing.
 */
const TRIGGER_TIMEOUT = Duration.minutes(15);
/**
 * Timeout of the function. A first deploy has to wait until Aurora starts and new permissions take effect. The function
 * must end while the trigger still waits for it, or CloudFormation would wait for an hour.
 */
const TIMEOUT = Duration.minutes(13);

/**
 * Updates the database's schema on every deploy: after the database exists and before any alias is served. It also runs
 * on a rollback, with the earlier code: migrations only go forward, and earlier code ignores later ones. Once a day,
 * and with a bucket of tombstones once an hour, it also destroys records that were superseded 30 days ago: no call would
 * do so for an unused wallet. That run wakes a database that pauses, so that the promise holds in every environment.
 */
export class Migration extends Construct {
  /** Construct that everything depends on that needs the schema. */
  public readonly trigger: triggers.Trigger;
  /** Function that runs the migrations. */
  public readonly function: VaultFunction;
  /** Rule that runs the migration once a day. */
  public readonly sweep: events.IRule;

  constructor(scope: Construct, id: string, props: MigrationProps) {
    super(scope, id);
    const { database, network, keys } = props;
    requireAccessLog(props);
    const secretArn = database.masterSecret.secretArn;
    this.function = new VaultFunction(this, 'Function', {
      ...props,
      // only deploys and the schedule call it, one call at a time: no concurrency to reserve
      reservedConcurrency: undefined,
      handler: 'migrate',
      elsewhere: keys._records.migrationNeedsElsewhere,
      timeout: TIMEOUT,
      // a changed key changes the function, so that the trigger runs before any alias gets the new key
      variables: {
        [ENV.dbSecretArn]: secretArn,
        [ENV.dbResourceId]: database._resourceId,
        ...keys._records.migrationVariables(),
        ...props.tombstones?._variables,
        ...logVariables(props),
      },
    });
    renew(this.function._function);
    const { role } = this.function;
    const read = iam.Grant.addToPrincipal({ grantee: role, actions: [SECRET_READ], resourceArns: [secretArn] });
    const decrypt = props.storageKey.grantReadSecret(role, secretArn);
    const { generation } = database;
    bindToGeneration(read, 'AllowReadMasterSecret', generation);
    bindToGeneration(decrypt, 'AllowDecryptMasterSecret', generation);
    // for a server that no longer accepts the master's password
    database.grantConnect(role, database.masterUser);
    network._allowCalls(
      'secretsmanager',
      [role.roleArn],
      [SECRET_READ],
      [secretArn],
      generationSid('AllowReadMasterSecret', generation),
    );

    // the trigger's own function stays outside the network: from inside it could not report the result to
    // CloudFormation
    this.trigger = new triggers.Trigger(this, 'Trigger', {
      handler: this.function._function,
      timeout: TRIGGER_TIMEOUT,
    });
    this.trigger.executeAfter(database, network, this.function);
    // what a revocation could not bring to the bucket is missing after a loss of the database: that waits for an hour only
    this.sweep = this.schedule(props.environment, props.tombstones ? Duration.hours(1) : Duration.days(1));
  }

  private schedule(environment: string, period: Duration): events.IRule {
    // the trigger waits for the whole function, and the alias for the trigger: the alias can't be a part of the
    // function
    const arn = this.function._createServiceAlias(SWEEP_ALIAS, this, [this.trigger]);
    const target: events.IRuleTarget = { bind: () => ({ arn, retryPolicy: { maximumRetryAttempts: 0 } }) };
    const rule = new events.Rule(this, 'Sweep', {
      description: `share vault ${environment}: destroys records that were superseded 30 days ago`,
      schedule: events.Schedule.rate(period),
      targets: [target],
    });
    this.function._allowService(SWEEP_ALIAS, 'events', rule.ruleArn, this);
    return rule;
  }
}

/** Returns the variables of a retention of the access log. */
function logVariables({ accessLog, tombstones }: MigrationProps): Readonly<Record<string, string>> {
  const retention = accessLog?.retention;
  if (retention !== undefined && tombstones?._archivesLog !== true)
    throw new Error('accessLog.retention: expected a bucket with archivesLog, got one without');
  return retention === undefined ? {} : { [ENV.logRetentionDays]: String(retention.toDays()) };
}

/**
 * Gives the function another logical id than it has in vaults with a database named after the environment only. An
 * update of such a vault would replace its database with an empty one. With another id, CloudFormation has to create
 * this function under a name that is taken, before any alias changes, and rolls the update back.
 */
function renew(fn: lambda.Function): void {
  const resource = fn.node.defaultChild as lambda.CfnFunction;
  const former = Stack.of(fn).getLogicalId(resource);
  const hash = createHash('sha256').update(former).digest('hex').slice(0, 8).toUpperCase();
  resource.overrideLogicalId(`${former.slice(0, -8)}${hash}`);
}
