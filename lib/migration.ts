import { createHash } from 'node:crypto';
import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as triggers from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import { ENV } from '../lambda/contract/variables';
import type { FunctionOptions } from './function-options';
import { SECRET_READ } from './private/actions';
import { bindToGeneration, generationSid } from './private/generation-statement';
import type { ShareDatabase } from './share-database';
import type { ShareKey } from './share-key';
import type { StorageKey } from './storage-key';
import { VaultFunction } from './vault-function';
import type { VaultNetwork } from './vault-network';

export interface MigrationProps extends FunctionOptions {
  readonly environment: string;
  readonly network: VaultNetwork;
  readonly database: ShareDatabase;
  readonly storageKey: StorageKey;
  /** A deploy is refused if a record is sealed under another share key. The function has no right on it. */
  readonly shareKey: ShareKey;

  /**
   * What becomes of the logs with their stack.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** The most that Lambda allows, which the trigger's own function has: it starts first, and may ask for a minute in vain. */
const TRIGGER_TIMEOUT = Duration.minutes(15);
/**
 * Long enough for a first deploy, which waits for Aurora to start and for new permissions to take effect; and over
 * while the trigger is still there to hear of it, or CloudFormation would wait for an hour.
 */
const TIMEOUT = Duration.minutes(13);
/** The function's alias that the schedule invokes. */
const SWEEP = 'sweep';

/**
 * Brings the database's schema up to date on every deploy, after the database stands and before any alias serves. It
 * also runs on a rollback, with the code rolled back to: migrations go forward only, and older code leaves newer ones be.
 * And it runs once a day, to destroy what was superseded for 30 days, which no call would do for a wallet at rest. That
 * wakes a database that pauses: cheaper than a promise that holds in some environments alone.
 */
export class Migration extends Construct {
  /** What waits for the schema depends on this. */
  public readonly trigger: triggers.Trigger;
  public readonly function: VaultFunction;
  /** Runs it once a day. */
  public readonly sweep: events.IRule;

  constructor(scope: Construct, id: string, props: MigrationProps) {
    super(scope, id);
    const { database, network } = props;
    const secretArn = database.masterSecret.secretArn;
    this.function = new VaultFunction(this, 'Function', {
      ...props,
      // one call at a time, by the deploy: nothing to reserve
      reservedConcurrency: undefined,
      handler: 'migrate',
      timeout: TIMEOUT,
      // a changed key is a changed function, so that the trigger runs before any alias gets the new key
      variables: { [ENV.dbSecretArn]: secretArn, [ENV.shareKeyArn]: props.shareKey.keyArn },
    });
    renew(this.function._function);
    const { role } = this.function;
    const read = iam.Grant.addToPrincipal({ grantee: role, actions: [SECRET_READ], resourceArns: [secretArn] });
    const decrypt = props.storageKey.grantReadSecret(role, secretArn);
    const { generation } = database;
    bindToGeneration(read, 'AllowReadMasterSecret', generation);
    bindToGeneration(decrypt, 'AllowDecryptMasterSecret', generation);
    // for a server that takes no password from the master any more
    database.grantConnect(role, database.masterUser);
    network._pass(
      'secretsmanager',
      [role.roleArn],
      [SECRET_READ],
      [secretArn],
      generationSid('AllowReadMasterSecret', generation),
    );

    // the trigger's own function stays outside the network: inside it could not tell CloudFormation how it went
    this.trigger = new triggers.Trigger(this, 'Trigger', {
      handler: this.function._function,
      timeout: TRIGGER_TIMEOUT,
    });
    this.trigger.executeAfter(database, network, this.function);
    this.sweep = this.schedule(props.environment);
  }

  private schedule(environment: string): events.IRule {
    // the trigger waits for the whole function, and the alias for the trigger: it can't be a part of the function
    const arn = this.function._serve(SWEEP, this, [this.trigger]);
    const target: events.IRuleTarget = { bind: () => ({ arn, retryPolicy: { maximumRetryAttempts: 0 } }) };
    const rule = new events.Rule(this, 'Sweep', {
      description: `share vault ${environment}: destroys what was superseded for 30 days`,
      schedule: events.Schedule.rate(Duration.days(1)),
      targets: [target],
    });
    this.function._allowService(SWEEP, 'events', rule.ruleArn, this);
    return rule;
  }
}

/**
 * Gives the function another logical id than in vaults with a database named after the environment only. An update
 * of such a vault would put an empty database in the place of the former one. Now CloudFormation has to create this
 * function under a name that is taken, before any alias changes, and rolls the update back.
 */
function renew(fn: lambda.Function): void {
  const resource = fn.node.defaultChild as lambda.CfnFunction;
  const former = Stack.of(fn).getLogicalId(resource);
  const hash = createHash('sha256').update(former).digest('hex').slice(0, 8).toUpperCase();
  resource.overrideLogicalId(`${former.slice(0, -8)}${hash}`);
}
