import { Duration } from 'aws-cdk-lib';
import { BODY_STORE_LIMITS, type BodyStoreDescription } from '../lambda/contract/elsewhere';
import type { GoogleLogin } from './google-login';
import { requireDuration, requireFlag, requireObject, requireText, requireWholeNumber } from './private/checks';
import { googleLogin, type Identity, requireSeparate, requireVaultLogin, vaultPlace } from './private/elsewhere';
import { ELSEWHERE } from './private/elsewhere-patterns';
import type { VaultLogin } from './vault-login';

/** Props of every body store. */
export interface BodyStoreProps {
  /**
   * Most records that the store may have: 100,000 in Secrets Manager, 1,000,000 in the others. A seal beyond it is refused.
   * Most stores are paid by the record.
   */
  readonly maxRecords: number;
}

/** Props of `BodyStore.secretsManager`. */
export interface SecretsManagerBodyStoreProps extends BodyStoreProps {
  /**
   * Time for which a destroyed body can be restored, 7 to 30 days, or none: `Duration.days(0)`. Nobody can read it
   * meanwhile.
   *
   * @default Duration.days(7)
   */
  readonly recoveryWindow?: Duration;
}

/** Props of `BodyStore.googleSecretManager`. */
export interface GoogleBodyStoreProps extends BodyStoreProps {
  /** Id or number of the project. */
  readonly project: string;

  /**
   * Resource name of the provider of a workload identity pool,
   * `projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER`.
   */
  readonly workloadIdentityProvider: string;

  /**
   * How functions show their identity.
   *
   * @default GoogleLogin.TOKEN
   */
  readonly login?: GoogleLogin;

  /**
   * Time for which a destroyed body can be restored, at most 1,000 days.
   *
   * @default Duration.days(0)
   */
  readonly destroyDelay?: Duration;
}

/** Applications of a directory with the federated credentials of the functions that use a body store. */
export interface AzureBodyClients {
  /** UUID of the application of `seal` and `receive`, which may set and delete secrets. */
  readonly seal: string;
  /** UUID of the application of `unseal`, which may get secrets. */
  readonly unseal: string;
  /** UUID of the application of `revoke` and of the migration, which may list and delete secrets, and purge them. */
  readonly destroy: string;
}

/** Props of `BodyStore.azureKeyVault`. */
export interface AzureBodyStoreProps extends BodyStoreProps {
  /** Address of the key vault, `https://NAME.vault.azure.net`. */
  readonly vaultUrl: string;
  /** UUID of the directory. */
  readonly tenantId: string;
  /** Applications of the functions. */
  readonly clients: AzureBodyClients;
  /** Retention of deleted secrets, as the key vault has it: 7 to 90 days. */
  readonly recovery: Duration;

  /**
   * Whether deleted bodies are purged at once. A key vault with purge protection refuses that.
   *
   * @default false
   */
  readonly purge?: boolean;
}

/** Props of `BodyStore.vaultKv`. */
export interface VaultBodyStoreProps extends BodyStoreProps {
  /** Address of HashiCorp Vault or OpenBao: `https://HOST` or `https://HOST:PORT`. */
  readonly address: string;
  /** How functions log in, with a `destroyRole`. */
  readonly login: VaultLogin;

  /**
   * Path of the key-value engine, version 2.
   *
   * @default 'secret'
   */
  readonly mount?: string;

  /**
   * Namespace of the engine and of the auth method.
   *
   * @default - no namespace
   */
  readonly vaultNamespace?: string;

  /**
   * Certificate, in PEM, of the private authority that issued the address's certificate. Only this authority is trusted
   * for the address.
   *
   * @default - a public authority
   */
  readonly caCertificate?: string;
}

/** What a store's entries cost. */
interface Price {
  /** dollars a month for each record */
  readonly perRecord: number;
  readonly basis: string;
}

/**
 * The store of records' sealed bodies, outside the database. The database keeps each record's header, which every reading
 * needs and which has the wrapped data keys; so destroying a body makes all backups of the database useless for that
 * record. A vault without a store keeps both in the database. It can be added later, for new records, and not be
 * removed or exchanged while a record has its body there.
 */
export class BodyStore {
  /** AWS Secrets Manager, in the account and region of the vault, under its storage key. */
  public static secretsManager(props: SecretsManagerBodyStoreProps): BodyStore {
    const maxRecords = recordsOf('secrets-manager', props);
    const { recoveryWindow = Duration.days(7) } = props;
    const recoveryDays = recoveryDaysOf(recoveryWindow);
    const price = { perRecord: 0.4, basis: '$0.40 for a secret' };
    return new BodyStore('secrets-manager', maxRecords, price, (_identity, storageKey) => {
      return { type: 'secrets-manager', maxRecords, storageKey, recoveryDays };
    });
  }

  /** Google Secret Manager. */
  public static googleSecretManager(props: GoogleBodyStoreProps): BodyStore {
    const maxRecords = recordsOf('google-secret-manager', props);
    const { project, destroyDelay = Duration.days(0) } = props;
    requireText('project', project, ELSEWHERE.googleProject);
    requireDuration('destroyDelay', destroyDelay, 'days', BODY_STORE_LIMITS.googleDelayDays);
    const login = googleLogin(props);
    const destroyDelayDays = destroyDelay.toDays();
    const price = { perRecord: 0.06, basis: '$0.06 for a version in each location' };
    return new BodyStore('google-secret-manager', maxRecords, price, () => {
      return { type: 'google-secret-manager', maxRecords, project, destroyDelayDays, ...login };
    });
  }

  /**
   * Secrets of Azure Key Vault. They take materials of at most 19,160 bytes in total, and 300 new ones in 10 seconds.
   */
  public static azureKeyVault(props: AzureBodyStoreProps): BodyStore {
    const maxRecords = recordsOf('azure-key-vault', props);
    const { vaultUrl: vault, tenantId: tenant, clients, recovery, purge = false } = props;
    requireText('vaultUrl', vault, ELSEWHERE.azureVault);
    requireText('tenantId', tenant, ELSEWHERE.uuid);
    requireClients(clients);
    requireDuration('recovery', recovery, 'days', BODY_STORE_LIMITS.azureDays);
    requireFlag('purge', purge);
    const recoveryDays = recovery.toDays();
    return new BodyStore('azure-key-vault', maxRecords, undefined, (identity) => {
      return { type: 'azure-key-vault', maxRecords, vault, tenant, client: clients[identity], recoveryDays, purge };
    });
  }

  /** The key-value engine, version 2, of HashiCorp Vault or OpenBao. */
  public static vaultKv(props: VaultBodyStoreProps): BodyStore {
    const maxRecords = recordsOf('vault-kv', props);
    const { login, mount = 'secret' } = props;
    requireVaultLogin(login);
    const place = vaultPlace({ ...props, mount });
    // throws now if the login has no role to destroy
    login._describe('destroy', place.address);
    return new BodyStore('vault-kv', maxRecords, undefined, (identity) => {
      return { type: 'vault-kv', maxRecords, ...place, login: login._describe(identity, place.address) };
    });
  }

  private constructor(
    /** Kind of the store: `secrets-manager`, `google-secret-manager`, `azure-key-vault` or `vault-kv`. */
    public readonly storeType: string,
    /** Most records that the store may have. */
    public readonly maxRecords: number,
    private readonly price: Price | undefined,
    private readonly describe: (identity: Identity, storageKeyArn: string) => BodyStoreDescription,
  ) {}

  /**
   * Describes the store for the functions that have an identity.
   *
   * @internal
   */
  public _describe(identity: Identity, storageKeyArn: string): BodyStoreDescription {
    return this.describe(identity, storageKeyArn);
  }

  /**
   * Returns what the store costs with its most records, in a sentence; undefined if its entries have no price.
   *
   * @internal
   */
  public get _cost(): string | undefined {
    if (!this.price) return undefined;
    const dollars = Math.round(this.price.perRecord * this.maxRecords).toLocaleString('en-US');
    return `${this.maxRecords.toLocaleString('en-US')} records cost about $${dollars} a month (${this.price.basis})`;
  }
}

function recordsOf(type: keyof typeof BODY_STORE_LIMITS.maxRecords, props: BodyStoreProps): number {
  requireObject(type, props);
  requireWholeNumber('maxRecords', props.maxRecords, 1, BODY_STORE_LIMITS.maxRecords[type]);
  return props.maxRecords;
}

function recoveryDaysOf(window: Duration): number {
  const { max } = BODY_STORE_LIMITS.secretsManagerDays;
  requireDuration('recoveryWindow', window, 'days', { min: 0, max });
  const days = window.toDays();
  if (days !== 0) requireDuration('recoveryWindow', window, 'days', BODY_STORE_LIMITS.secretsManagerDays);
  return days;
}

function requireClients(clients: AzureBodyClients): void {
  requireObject('clients', clients);
  for (const name of ['seal', 'unseal', 'destroy'] as const)
    requireText(`clients.${name}`, clients[name], ELSEWHERE.uuid);
  requireSeparate('clients.unseal', clients.seal, clients.unseal);
  requireSeparate('clients.destroy', clients.seal, clients.destroy);
  requireSeparate('clients.destroy', clients.unseal, clients.destroy, 'unseal');
}
