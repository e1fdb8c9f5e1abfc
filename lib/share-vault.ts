import { type Duration, type RemovalPolicy, Tags } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { ActorProps } from './actor';
import type { DatabaseOptions } from './database-options';
import type { FunctionOptions } from './function-options';
import { Migration } from './migration';
import type { NetworkOptions } from './network-options';
import type { Operation } from './operation';
import { acknowledgeFindings } from './private/acknowledgements';
import { Actors } from './private/actors';
import { requireProduction, withDefaults } from './private/environment-defaults';
import { guardTemplate } from './private/final-template';
import { orderVault } from './private/guard-order';
import type { AllowAccount } from './private/grant-invoke';
import { ImportedVault, LookedUpVault } from './private/imported-vault';
import { ENVIRONMENT_TAG } from './private/names';
import { requireOnlyOwner } from './private/one-owner';
import { excludeConsumers } from './private/waiting';
import { ShareDatabase } from './share-database';
import type { ShareKey } from './share-key';
import type { ShareVaultAttributes, ShareVaultLookup } from './share-vault-attributes';
import { type IShareVault, ShareVaultBase } from './share-vault-base';
import { StorageKey } from './storage-key';
import { VaultFunctions } from './vault-functions';
import { VaultKeys } from './vault-keys';
import { VaultNetwork } from './vault-network';
import { VaultOutputs } from './vault-outputs';
import { VaultWatch } from './vault-watch';
import { Webhook } from './webhook';
import type { WebhookOptions } from './webhook-options';

/** Props of `ShareVault`. */
export interface ShareVaultProps extends DatabaseOptions, FunctionOptions, NetworkOptions {
  /**
   * Name of the vault: `dev`, `staging`, `prod` or another of 2 to 16 lower-case letters, digits and single hyphens,
   * beginning with a letter and ending in a letter or digit. A name is used once in an account and region, and every
   * record is bound to it. `dev` defaults to the lowest cost (a database that pauses, endpoints in one zone, no backup
   * plan); `prod` requires two zones. It can't change after the first deploy: another name means another vault, and
   * CloudFormation refuses the change.
   */
  readonly environment: string;

  /**
   * A share key created before the vault, in the same stack and for the same environment. It can't change once a record
   * exists: the migration refuses a deploy with another share key, or with this prop added, as long as any record is
   * sealed under the former key.
   *
   * @default - a key of the vault's own
   */
  readonly shareKey?: ShareKey;

  /**
   * Interval at which KMS rotates the material of the share key and the storage key, 90 to 2,560 days.
   *
   * @default Duration.days(90)
   */
  readonly rotationPeriod?: Duration;

  /**
   * Names of the RSA keys that backends encrypt to, 1 to 3. To rotate: add a name, move the senders to it, remove the
   * old name. The key of a removed name is retained, but no function opens data that is still encrypted to it. A name
   * that is added again is a new key.
   *
   * @default ['intake-1']
   */
  readonly intakeKeyIds?: string[];

  /**
   * Names of the RSA keys that Dynamic encrypts to, 1 to 3; an empty list only if `webhook.privateKeys` has a key. The
   * key of a removed name is retained, but deliveries that are still encrypted to it are refused. A name that is added
   * again is a new key.
   *
   * @default ['webhook-1']
   */
  readonly webhookKeyIds?: string[];

  /**
   * Options of the webhook that receives Dynamic's deliveries. `{}` creates an HTTP API with `POST /webhooks/dynamic`,
   * its function, and an empty secret for Dynamic's signing secret. If you remove it, the secret remains, under a name
   * that the same stack can't use again.
   *
   * @default - no webhook: material is only sealed directly
   */
  readonly webhook?: WebhookOptions;

  /**
   * Topic for alarms: a standard topic of the vault's account and region. The owner of an imported topic keeps its
   * policy.
   *
   * @default - a topic of the vault's own, without a subscription
   */
  readonly alarmTopic?: sns.ITopic;

  /**
   * Removal policy of keys, database and logs, and of everything that the database needs. DESTROY makes every record
   * permanently unreadable. A change to DESTROY lifts the protection of the database at the next deploy.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A vault for the key material of MPC wallets. Material is sealed on arrival and opened only for named callers, and
 * each opening is recorded.
 */
export class ShareVault extends ShareVaultBase {
  /** Imports a vault from another app by its attributes. */
  public static fromShareVaultAttributes(scope: Construct, id: string, attributes: ShareVaultAttributes): IShareVault {
    return new ImportedVault(scope, id, attributes);
  }

  /** Imports a vault of the same account and region by its parameters. A deploy fails if the actor doesn't exist. */
  public static fromLookup(scope: Construct, id: string, lookup: ShareVaultLookup): IShareVault {
    return new LookedUpVault(scope, id, lookup);
  }

  /** Environment of the vault. */
  public readonly environment: string;
  /** Network of the vault. */
  public readonly network: VaultNetwork;
  /** Database of the vault. */
  public readonly database: ShareDatabase;
  /** Storage key of the vault. */
  public readonly storageKey: StorageKey;
  /** Keys of the vault. */
  public readonly keys: VaultKeys;
  /** Functions of the vault. */
  public readonly functions: VaultFunctions;
  /** API that Dynamic delivers to, if `webhook` is set. */
  public readonly webhook?: Webhook;
  /** Topic for alarms. */
  public readonly alarmTopic: sns.ITopic;
  /** Outputs that the stack prints after a deploy: `CfnOutput` constructs with logical ids that can be overridden. */
  public readonly outputs: VaultOutputs;
  private readonly actors: Actors;

  constructor(scope: Construct, id: string, given: ShareVaultProps) {
    super(scope, id);
    const props = withDefaults(given);
    const { environment } = props;
    requireOnlyOwner(this, 'environment', environment);
    guardTemplate(this, props.removalPolicy);
    // the sample service control policy recognizes a vault's resources by this tag
    Tags.of(this).add(ENVIRONMENT_TAG, environment);

    const storageKey = new StorageKey(this, 'StorageKey', props);
    const network = new VaultNetwork(this, 'Network', { ...props, storageKey });
    requireProduction(props);
    const keys = new VaultKeys(this, 'Keys', {
      ...props,
      privateKeys: props.webhook?.privateKeys,
      sourceVpc: network.ownsEndpoints ? network.vpc : undefined,
    });
    const database = new ShareDatabase(this, 'Database', {
      ...props,
      vpc: network.vpc,
      vpcSubnets: network.vpcSubnets,
      storageKey,
    });
    database.connections.allowDefaultPortFrom(network.functionSecurityGroup, 'functions');
    const { shareKey } = keys;
    const migration = new Migration(this, 'Migration', { ...props, network, database, storageKey, shareKey });
    const serveAfter = [migration.trigger];
    const parts = { ...props, network, database, storageKey, keys, serveAfter };
    const functions = new VaultFunctions(this, 'Functions', parts);
    const webhook = props.webhook && new Webhook(this, 'Webhook', { ...parts, ...props.webhook });
    const watch = new VaultWatch(this, 'Watch', { ...parts, functions, webhook, migration });
    excludeConsumers(this);
    orderVault(database, network, [keys, shareKey, migration, functions, webhook, watch]);

    this.environment = environment;
    this.network = network;
    this.database = database;
    this.storageKey = storageKey;
    this.keys = keys;
    this.functions = functions;
    this.webhook = webhook;
    this.alarmTopic = watch.topic;
    this.actors = new Actors(this, environment, functions._byOperation, keys.intakeKeys);
    this.outputs = new VaultOutputs(this, 'Outputs', { vault: this });
    acknowledgeFindings(this);
  }

  /**
   * Adds an actor: a name under which callers act, of lower-case letters, digits and hyphens, beginning with a letter.
   * Throws if the vault already has the name.
   */
  public addActor(name: string, props: ActorProps = {}): void {
    this.actors.add(name, props);
  }

  /** @internal */
  protected _aliasArn(operation: Operation, actor: string): string {
    return this.actors.aliasArn(operation, actor);
  }

  /** @internal */
  protected _accountGate(operation: Operation, actor: string): AllowAccount {
    return (account) => this.actors.allowAccount(operation, actor, account);
  }

  /** @internal */
  protected _intakeKeyArns(): string[] {
    return this.keys.intakeKeys.map((key) => key.keyArn);
  }

  /** @internal */
  protected _allowNetwork(consumer: lambda.Function): void {
    this.network.allowConsumer(consumer);
  }
}
