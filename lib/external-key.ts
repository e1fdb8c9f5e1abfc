import type { OtherKeyDescription } from '../lambda/contract/elsewhere';
import type { GoogleLogin } from './google-login';
import { requireObject, requireText } from './private/checks';
import { googleLogin, type Identity, requireSeparate, requireVaultLogin, vaultPlace } from './private/elsewhere';
import { ELSEWHERE } from './private/elsewhere-patterns';
import type { IRecordKey } from './record-key';
import type { VaultLogin } from './vault-login';

/** Props of `ExternalKey.googleCloudKms`. */
export interface GoogleCloudKmsProps {
  /** Resource name of the key, `projects/P/locations/L/keyRings/R/cryptoKeys/K`, without a version. */
  readonly key: string;

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
}

/** Props of a key in Azure Key Vault or Managed HSM. */
export interface AzureKeyProps {
  /**
   * Versioned id of the key: `https://NAME.vault.azure.net/keys/KEY/VERSION`, or
   * `https://NAME.managedhsm.azure.net/keys/KEY/VERSION` for a key of a managed HSM.
   */
  readonly keyId: string;
  /** UUID of the directory. */
  readonly tenantId: string;
  /** UUID of the application with the federated credentials of the functions that seal. */
  readonly sealClientId: string;
  /** UUID of the application with the federated credential of the function that unseals. */
  readonly unsealClientId: string;
}

/** Props of `ExternalKey.vaultTransit`. */
export interface VaultTransitProps {
  /** Address of HashiCorp Vault or OpenBao: `https://HOST` or `https://HOST:PORT`. */
  readonly address: string;
  /** Name of the key, of type `aes256-gcm96`. */
  readonly key: string;
  /** How functions log in. */
  readonly login: VaultLogin;

  /**
   * Path of the transit engine.
   *
   * @default 'transit'
   */
  readonly mount?: string;

  /**
   * Namespace of the transit engine and of the auth method.
   *
   * @default - no namespace
   */
  readonly vaultNamespace?: string;

  /**
   * Certificate, in PEM, of the private authority that issued the address's certificate. Only this authority is trusted for
   * the address. It takes room in the functions' variables: prefer one with an elliptic-curve key.
   *
   * @default - a public authority
   */
  readonly caCertificate?: string;
}

/**
 * A key outside AWS that wraps the data keys of records, as the vault's only key or beside a `ShareKey`. Functions log
 * in without a stored credential: those that seal as one identity, `unseal` as another. Grant the first only the
 * right to wrap, and the second only the right to unwrap; see docs/keys.
 */
export class ExternalKey implements IRecordKey {
  /** A symmetric key in Google Cloud KMS. */
  public static googleCloudKms(props: GoogleCloudKmsProps): ExternalKey {
    requireObject('googleCloudKms', props);
    const { key } = props;
    requireText('key', key, ELSEWHERE.googleKey);
    const login = googleLogin(props);
    return new ExternalKey(key, () => ({ type: 'gcp-kms', key, ...login }));
  }

  /** An RSA key in Azure Key Vault, of any tier. */
  public static azureKeyVault(props: AzureKeyProps): ExternalKey {
    requireObject('azureKeyVault', props);
    requireText('keyId', props.keyId, ELSEWHERE.azureVaultKey);
    return ExternalKey.azure('azure-key-vault', props);
  }

  /** A symmetric key in Azure Managed HSM. */
  public static azureManagedHsm(props: AzureKeyProps): ExternalKey {
    requireObject('azureManagedHsm', props);
    requireText('keyId', props.keyId, ELSEWHERE.azureHsmKey);
    return ExternalKey.azure('azure-managed-hsm', props);
  }

  /** A key in the transit engine of HashiCorp Vault or OpenBao. */
  public static vaultTransit(props: VaultTransitProps): ExternalKey {
    requireObject('vaultTransit', props);
    const { key, login, mount = 'transit' } = props;
    requireText('key', key, ELSEWHERE.vaultName);
    requireVaultLogin(login);
    const place = vaultPlace({ ...props, mount });
    return new ExternalKey([place.address, place.namespace ?? '', mount, key].join('/'), (identity) => ({
      type: 'vault-transit',
      ...place,
      key,
      login: login._describe(identity, place.address),
    }));
  }

  private static azure(type: 'azure-key-vault' | 'azure-managed-hsm', props: AzureKeyProps): ExternalKey {
    const { keyId: key, tenantId: tenant, sealClientId, unsealClientId } = props;
    requireText('tenantId', tenant, ELSEWHERE.uuid);
    requireText('sealClientId', sealClientId, ELSEWHERE.uuid);
    requireText('unsealClientId', unsealClientId, ELSEWHERE.uuid);
    requireSeparate('unsealClientId', sealClientId, unsealClientId);
    return new ExternalKey(key, (identity) => ({
      type,
      key,
      tenant,
      client: identity === 'seal' ? sealClientId : unsealClientId,
    }));
  }

  /** Provider id of the key in sealed messages. */
  public readonly providerId: string;
  /**
   * Name of the key, unique among all keys of its provider.
   *
   * @internal
   */
  public readonly _name: string;

  private constructor(
    name: string,
    private readonly describe: (identity: Identity) => OtherKeyDescription,
  ) {
    this._name = name;
    this.providerId = describe('seal').type;
  }

  /**
   * Describes the key for the functions that have an identity.
   *
   * @internal
   */
  public _describe(identity: Identity): OtherKeyDescription {
    return this.describe(identity);
  }
}
