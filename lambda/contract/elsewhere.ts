import { LIMITS } from './limits';
import { KID_PATTERN, UUID_PATTERN } from './patterns';

/**
 * Keys and stores outside the vault's own AWS KMS and PostgreSQL, as the constructs describe them to the functions: the
 * values of environment variables, JSON. A description holds no secret.
 */

/** Names of the environment variables of functions with keys or stores elsewhere. */
export const ELSEWHERE_ENV = {
  /** JSON: a list of `OtherKeyDescription`. Without `SHARE_VAULT_SHARE_KEY_ARN`, the first one makes the data keys */
  otherKeys: 'SHARE_VAULT_OTHER_KEYS',
  /** `true` if a record is opened with the next key while the first one fails */
  openWithOtherKeys: 'SHARE_VAULT_OPEN_WITH_OTHER_KEYS',
  /** JSON: a list of `OtherKeyDescription` of share keys that only open */
  openingKeys: 'SHARE_VAULT_OPENING_KEYS',
  /** JSON: name → public RSA key, SubjectPublicKeyInfo (DER) in padded base64 */
  recoveryKeys: 'SHARE_VAULT_RECOVERY_KEYS',
  /** of `migrate`: the digest (recovery.ts) of a list of recovery keys that differs from the former deploy's */
  recoveryKeysChange: 'SHARE_VAULT_RECOVERY_KEYS_CHANGE',
  /** JSON: a `BodyStoreDescription` */
  bodyStore: 'SHARE_VAULT_BODY_STORE',
} as const;

/** The other side of a call: which identity the function shows there, and as what. */
export type VaultLogin =
  /** a web identity token of AWS STS, `POST /v1/auth/MOUNT/login` with `role` and `jwt` */
  | { readonly method: 'jwt'; readonly mount: string; readonly role: string; readonly audience: string }
  /** a signed `GetCallerIdentity`, `POST /v1/auth/MOUNT/login` */
  | { readonly method: 'aws'; readonly mount: string; readonly role: string; readonly serverId?: string };

export interface GoogleLogin {
  /** `//iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER` */
  readonly audience: string;
  /** `token`: a web identity token of AWS STS; `signature`: a signed `GetCallerIdentity` */
  readonly method: 'token' | 'signature';
}

export interface AzureLogin {
  /** UUID of the directory */
  readonly tenant: string;
  /** UUID of the application whose federated credential names the function's role */
  readonly client: string;
}

export interface VaultPlace {
  /** `https://HOST[:PORT]` */
  readonly address: string;
  readonly namespace?: string;
  /** path of the secrets engine, without slashes at its ends */
  readonly mount: string;
  /** certificate of the private authority that the address's certificate is of, DER in base64 @default - a public one */
  readonly ca?: string;
}

export type OtherKeyDescription =
  | (GoogleLogin & {
      readonly type: 'gcp-kms';
      /** `projects/P/locations/L/keyRings/R/cryptoKeys/K`, without a version */
      readonly key: string;
    })
  | (AzureLogin & {
      /** an RSA key of a vault, or a symmetric key of a managed HSM */
      readonly type: 'azure-key-vault' | 'azure-managed-hsm';
      /** `https://NAME.vault.azure.net/keys/KEY/VERSION` or `https://NAME.managedhsm.azure.net/keys/KEY/VERSION` */
      readonly key: string;
    })
  | (VaultPlace & {
      readonly type: 'vault-transit';
      /** name of the key in the transit engine */
      readonly key: string;
      readonly login: VaultLogin;
    });

interface BodyStoreLimits {
  /** most entries that the store may have */
  readonly maxRecords: number;
}

export type BodyStoreDescription = BodyStoreLimits &
  (
    | {
        readonly type: 'secrets-manager';
        /** ARN of the KMS key that encrypts the entries */
        readonly storageKey: string;
        /** days for which a destroyed entry can be restored, 7 to 30; 0: none */
        readonly recoveryDays: number;
      }
    | (GoogleLogin & {
        readonly type: 'google-secret-manager';
        /** id or number of the project */
        readonly project: string;
        /** days between destruction and its effect, 0 to 1000 */
        readonly destroyDelayDays: number;
      })
    | (AzureLogin & {
        readonly type: 'azure-key-vault';
        /** `https://NAME.vault.azure.net` */
        readonly vault: string;
        /** days of soft delete, 7 to 90 */
        readonly recoveryDays: number;
        /** whether deleted entries are purged at once */
        readonly purge: boolean;
      })
    | (VaultPlace & {
        readonly type: 'vault-kv';
        readonly login: VaultLogin;
      })
  );

/**
 * Prefixes of the entries' names in body stores; a record's id follows. Secrets Manager and Vault take paths, the other
 * stores only letters, digits and hyphens.
 */
export const BODY_PREFIX = {
  path: (environment: string): string => `share-vault/${environment}/bodies/`,
  dashed: (environment: string): string => `share-vault-${environment}-body-`,
} as const;
/** Longest entry of each body store, in bytes. */
export const BODY_LIMITS = {
  'secrets-manager': 65_536,
  'google-secret-manager': 65_536,
  /** 25 KiB of text, in base64 */
  'azure-key-vault': 19_200,
  /** both materials of the longest kind */
  'vault-kv': 2 * (LIMITS.materialBytes + 64),
} as const satisfies Record<BodyStoreDescription['type'], number>;
/** Bounds of descriptions of body stores. */
export const BODY_STORE_LIMITS = {
  /** most entries: AWS and Google are paid by the entry, the others are bounded by what a sweep can list */
  maxRecords: {
    'secrets-manager': 100_000,
    'google-secret-manager': 1_000_000,
    'azure-key-vault': 1_000_000,
    'vault-kv': 1_000_000,
  },
  /** or 0: destroyed at once */
  secretsManagerDays: { min: 7, max: 30 },
  googleDelayDays: { min: 0, max: 1_000 },
  azureDays: { min: 7, max: 90 },
} as const;
/** The metric of the daily sweep for bodies that it could not destroy; `METRICS.namespace` is its namespace. */
export const UNDESTROYED_METRIC = 'Undestroyed';

/** Returns the name of a body store: two descriptions with the same name have the same entries. */
export function bodyStorePlace(store: BodyStoreDescription): string {
  switch (store.type) {
    case 'secrets-manager':
      return store.type;
    case 'google-secret-manager':
      return `${store.type} ${store.project}`;
    case 'azure-key-vault':
      return `${store.type} ${store.vault}`;
    case 'vault-kv':
      return [store.type, store.address, store.namespace ?? '-', store.mount].join(' ');
  }
}

/** The audience of web identity tokens for Azure: a federated credential accepts no other. */
export const AZURE_AUDIENCE = 'api://AzureADTokenExchange';
/** A login of a key or a store: at Google and at Vault its method says how the identity is shown. */
interface DescribedLogin {
  readonly type: string;
  readonly method?: string;
  readonly audience?: string;
  readonly login?: { readonly method: string; readonly audience?: string };
}

/** Returns the audience of the web identity tokens that a key or a store needs; undefined for signed requests. */
export function tokenAudience(description: DescribedLogin): string | undefined {
  if (description.type.startsWith('azure-')) return AZURE_AUDIENCE;
  const { method, audience } = description.login ?? description;
  return method === 'token' || method === 'jwt' ? audience : undefined;
}

/** Lifetime of a web identity token, in seconds: the shortest that every exchange accepts. */
export const IDENTITY_TOKEN_SECONDS = 300;

/** Names of keys and places elsewhere: anything else is refused, at synth and by the functions. */
export const ELSEWHERE_PATTERNS = {
  googleKey:
    /^projects\/[a-z][a-z0-9-]{4,28}[a-z0-9]\/locations\/[a-z0-9-]{1,63}\/keyRings\/[A-Za-z0-9_-]{1,63}\/cryptoKeys\/[A-Za-z0-9_-]{1,63}$/,
  googleAudience:
    /^\/\/iam\.googleapis\.com\/projects\/\d{1,20}\/locations\/global\/workloadIdentityPools\/[a-z0-9-]{4,32}\/providers\/[a-z0-9-]{4,32}$/,
  googleProject: /^([a-z][a-z0-9-]{4,28}[a-z0-9]|\d{1,20})$/,
  azureVaultKey:
    /^https:\/\/[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]\.vault\.azure\.net\/keys\/[A-Za-z0-9-]{1,127}\/[0-9a-f]{32}$/,
  azureHsmKey:
    /^https:\/\/[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]\.managedhsm\.azure\.net\/keys\/[A-Za-z0-9-]{1,127}\/[0-9a-f]{32}$/,
  azureVault: /^https:\/\/[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]\.vault\.azure\.net$/,
  uuid: UUID_PATTERN,
  /** only https, no user, path or query */
  vaultAddress: /^https:\/\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/,
  vaultPath: /^[A-Za-z0-9_-]{1,63}(\/[A-Za-z0-9_-]{1,63}){0,7}$/,
  vaultName: /^[A-Za-z0-9_-]{1,128}$/,
  /** an X.509 certificate, DER in base64: at most 1,536 bytes, since a function's variables share 4 KB */
  vaultCa: /^MI[A-Za-z0-9+/]{254,2046}={0,2}$/,
  recoveryName: KID_PATTERN,
  /** a SHA-256 in base64url: of a recovery key, or of a list of them */
  recoveryDigest: /^[A-Za-z0-9_-]{43}$/,
  /** of a token, or Vault's server id */
  audience: /^[A-Za-z0-9:/._-]{1,255}$/,
} as const;

/** A recovery key's RSA modulus, in bits. */
export const RECOVERY_KEY_BITS = { min: 2_048, max: 4_096 } as const;
/** The provider id of recovery keys in messages: the key namespace of an ESDK's raw RSA keyring. */
export const RECOVERY_PROVIDER_ID = 'share-vault-recovery';
