import { Lazy, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct, type IDependable } from 'constructs';
import { ENV } from '../lambda/contract/variables';
import type { BodyStoreOptions } from './body-store-options';
import type { FunctionOptions } from './function-options';
import { Operation } from './operation';
import { FUNCTION_INVOKE, KEY_OPEN, KEY_PUBLIC, KEY_SEAL } from './private/actions';
import { functionArn } from './private/names';
import type { ShareDatabase } from './share-database';
import type { StorageKey } from './storage-key';
import type { TombstoneBucket } from './tombstone-bucket';
import { VaultFunction, type VaultFunctionProps } from './vault-function';
import type { VaultKeys } from './vault-keys';
import type { VaultNetwork } from './vault-network';

/** Props of `VaultFunctions`. */
export interface VaultFunctionsProps extends FunctionOptions, BodyStoreOptions {
  /** Environment of the vault. */
  readonly environment: string;
  /** Network of the vault. */
  readonly network: VaultNetwork;
  /** Database of the vault. */
  readonly database: ShareDatabase;
  /** Storage key of the vault. */
  readonly storageKey: StorageKey;
  /** Keys of the vault. */
  readonly keys: VaultKeys;
  /** Constructs that must exist before any alias is served. */
  readonly serveAfter: IDependable[];

  /**
   * Bucket of tombstones.
   *
   * @default - none
   */
  readonly tombstones?: TombstoneBucket;

  /**
   * Removal policy of the logs.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** The functions that callers invoke: one for each operation, each with only the right that it needs. */
export class VaultFunctions extends Construct {
  /** Function that seals material. */
  public readonly seal: VaultFunction;
  /** Function that unseals material. */
  public readonly unseal: VaultFunction;
  /** Function that destroys material. */
  public readonly revoke: VaultFunction;
  /** Function that reads wallet properties. */
  public readonly properties: VaultFunction;
  /** Function that reads the access log. */
  public readonly audit: VaultFunction;
  /** Function that freezes openings and takes requests to thaw. */
  public readonly freeze: VaultFunction;
  /** Function that confirms a thaw that another actor requested. */
  public readonly thaw: VaultFunction;

  constructor(scope: Construct, id: string, props: VaultFunctionsProps) {
    super(scope, id);
    const records = props.keys._records;
    const make = (
      operation: Operation,
      databaseUser: string,
      variables: Readonly<Record<string, string>>,
      code: Pick<VaultFunctionProps, 'audiences' | 'elsewhere' | 'outside'> = {},
    ): VaultFunction =>
      new VaultFunction(this, operation, { ...props, ...code, handler: operation, databaseUser, variables });
    const codeOf = (identity: 'seal' | 'unseal') => ({
      elsewhere: records.needsElsewhere(identity),
      outside: records.hasIdentity(identity),
      audiences: [...records.audiences(identity)],
    });

    const intakeKeys = Stack.of(this).toJsonString(props.keys._intakeKeyArns());
    const sealing = { ...records.sealVariables(), [ENV.intakeKeys]: intakeKeys };
    this.seal = make(Operation.SEAL, 'vault_sealer', sealing, codeOf('seal'));
    this.unseal = make(Operation.UNSEAL, 'vault_unsealer', records.unsealVariables(), codeOf('unseal'));
    const backupDays = String(props.database.backupDays);
    this.revoke = make(Operation.REVOKE, 'vault_revoker', {
      [ENV.backupDays]: backupDays,
      ...props.tombstones?._variables,
    });
    this.properties = make(Operation.PROPERTIES, 'vault_reader', {});
    this.audit = make(Operation.AUDIT, 'vault_auditor', {});
    // read at synthesis: actors are added later. A freeze of another name would stop nothing
    const unsealActors = Lazy.string({ produce: () => JSON.stringify(this.unseal._actorNames) });
    this.freeze = make(Operation.FREEZE, 'vault_freezer', { [ENV.unsealActors]: unsealActors });
    this.thaw = make(Operation.THAW, 'vault_thawer', {});

    records.shareKey?.grantSeal(this.seal.role);
    for (const key of records.keysInAws) key.grantUnseal(this.unseal.role);
    for (const key of props.keys.intakeKeys) key.grantOpen(this.seal.role);
    this.pass(props);
  }

  /** @internal */
  public get _byOperation(): Readonly<Record<Operation, VaultFunction>> {
    const { seal, unseal, revoke, properties, audit, freeze, thaw } = this;
    return { seal, unseal, revoke, properties, audit, freeze, thaw };
  }

  /** Lets the functions' calls, and consumers' calls to these functions, pass the network's endpoints. */
  private pass({ network, keys, environment }: VaultFunctionsProps): void {
    const { shareKeyArns, openingKeyArns } = keys._records;
    const intakeKeyArns = keys.intakeKeys.map((key) => key.keyArn);
    network._allowCalls('kms', [this.seal.role.roleArn], [KEY_SEAL], shareKeyArns);
    network._allowCalls('kms', [this.seal.role.roleArn], [KEY_OPEN], intakeKeyArns);
    network._allowCalls('kms', [this.unseal.role.roleArn], [KEY_OPEN], openingKeyArns);
    const account = Stack.of(this).formatArn({ service: 'iam', region: '', resource: '*' });
    const aliases = Object.values(Operation).map((name) => functionArn(Stack.of(this), environment, name, '*'));
    network._allowCalls('lambda', [account], [FUNCTION_INVOKE], aliases);
    if (network._hasConsumers) network._allowCalls('kms', [account], [KEY_PUBLIC], intakeKeyArns);
  }
}
