import { Tags } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { ActorProps } from './actor';
import { Migration } from './migration';
import { Operation } from './operation';
import { acknowledgeFindings } from './private/acknowledgements';
import { Actors } from './private/actors';
import { informOfConnections } from './private/connection-notes';
import { requireProduction, withDefaults } from './private/environment-defaults';
import { guardTemplate } from './private/final-template';
import { addVaultDependencies } from './private/guard-dependencies';
import type { AllowAccount } from './private/grant-invoke';
import { ImportedVault, LookedUpVault } from './private/imported-vault';
import { ENVIRONMENT_TAG } from './private/names';
import { requireOnlyOwner } from './private/one-owner';
import { informOfSessions, reachOf, warnOfCost } from './private/reach';
import { canReseal } from './private/reseal-choice';
import { requireWholeBackups } from './private/restore-testing-choice';
import { requireNoBodies } from './private/retiring-keys';
import { excludeConsumers } from './private/dependency-roots';
import { Reseal } from './reseal';
import { RestoreTesting } from './restore-testing';
import { ShareDatabase } from './share-database';
import type { ShareVaultAttributes, ShareVaultLookup } from './share-vault-attributes';
import { type IShareVault, ShareVaultBase } from './share-vault-base';
import type { ShareVaultProps } from './share-vault-props';
import { StorageKey } from './storage-key';
import { TombstoneBucket } from './tombstone-bucket';
import { VaultFunctions } from './vault-functions';
import { VaultKeys } from './vault-keys';
import { VaultNetwork } from './vault-network';
import { VaultOutputs } from './vault-outputs';
import { VaultWatch } from './vault-watch';
import { Webhook } from './webhook';

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
  /** Reseal of the vault; undefined with a `bodyStore`. */
  public readonly reseal?: Reseal;
  /** Bucket of tombstones, if `tombstones` is set. */
  public readonly tombstones?: TombstoneBucket;
  /** Weekly tests of a restored backup, if `restoreTesting` is set. */
  public readonly restoreTesting?: RestoreTesting;
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

    requireNoBodies(props);
    requireWholeBackups(props);
    const storageKey = new StorageKey(this, 'StorageKey', props);
    const { signsForGoogle, ...reach } = reachOf(props);
    if (signsForGoogle) informOfSessions(this, environment);
    const network = new VaultNetwork(this, 'Network', {
      ...props,
      ...reach,
      ...(props.tombstones && { bucket: true }),
      storageKey,
    });
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
    informOfConnections(this, props);
    const tombstones =
      props.tombstones &&
      new TombstoneBucket(this, 'Tombstones', {
        ...props,
        ...props.tombstones,
        network,
        backupDays: database.backupDays,
        archivesLog: props.accessLog?.retention !== undefined,
      });
    const migration = new Migration(this, 'Migration', { ...props, network, database, storageKey, keys, tombstones });
    const serveAfter = [migration.trigger];
    const parts = { ...props, network, database, storageKey, keys, serveAfter, tombstones };
    const functions = new VaultFunctions(this, 'Functions', parts);
    const webhook = props.webhook && new Webhook(this, 'Webhook', { ...parts, ...props.webhook });
    const reseal = canReseal(this, props) ? new Reseal(this, 'Reseal', { ...parts, ...props.reseal }) : undefined;
    const restoreTesting =
      props.restoreTesting && new RestoreTesting(this, 'RestoreTesting', { ...parts, ...props.restoreTesting });
    tombstones?._allowPut({
      tombstones: [functions.revoke, migration.function],
      delegatedTombstones: webhook ? [webhook.receive] : [],
      receipts: [...(reseal ? [reseal.function] : []), migration.function],
      logArchives: [migration.function],
    });
    if (tombstones?._archivesLog) tombstones._allowContinue(migration.function);
    tombstones?._allowRead(functions.revoke);
    const watch = new VaultWatch(this, 'Watch', { ...parts, functions, webhook, migration, reseal, restoreTesting });
    excludeConsumers(this);
    addVaultDependencies(database, network, [
      keys,
      ...keys._records.keysInAws,
      migration,
      functions,
      webhook,
      reseal,
      restoreTesting,
      tombstones,
      watch,
    ]);

    this.environment = environment;
    this.network = network;
    this.database = database;
    this.storageKey = storageKey;
    this.keys = keys;
    this.functions = functions;
    this.reseal = reseal;
    this.restoreTesting = restoreTesting;
    this.tombstones = tombstones;
    this.webhook = webhook;
    this.alarmTopic = watch.topic;
    this.actors = new Actors(this, environment, functions._byOperation, keys.intakeKeys);
    this.outputs = new VaultOutputs(this, 'Outputs', {
      environment,
      keys,
      functions,
      webhook,
      migration,
      reseal,
      tombstones,
      alarmTopic: watch.topic,
    });
    if (props.bodyStore) warnOfCost(this, props.bodyStore);
    acknowledgeFindings(this, {
      hasBodies: props.bodyStore?.storeType === 'secrets-manager',
      tombstones,
      testsRestores: restoreTesting !== undefined,
    });
  }

  /** ARNs of the intake keys by name: backends encrypt to them what they seal, to the first one if they are connected. */
  public get intakeKeys(): Readonly<Record<string, string>> {
    return this.keys._intakeKeyArns();
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
  protected _allowNetwork(consumer: lambda.Function, operations: Operation[]): void {
    this.network.allowConsumer(consumer);
    if (operations.includes(Operation.SEAL)) this.network._allowSealer(consumer);
  }
}
