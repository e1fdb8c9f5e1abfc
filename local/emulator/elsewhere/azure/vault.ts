import { join } from 'node:path';
import type { StandInRequest, StandInResponse } from '../stand-in';
import { azureErrors } from './azure-error';
import type { AzureDirectory } from './directory';
import { Grants } from './grants';
import { KeyFile } from './key-file';
import { keysPart } from './key-operations';
import { Keys } from './keys';
import { KeyVaultSecrets, type KeyVaultSecretsOptions } from './secrets';
import { allowsByGrants, secretsPart } from './secrets-part';
import type { VaultPart } from './vault-call';

export interface VaultOptions {
  /** first label of the host */
  readonly name: string;
  /** a key vault, or a pool of a managed HSM */
  readonly type: 'vault' | 'managedhsm';
  /** deleted objects can't be purged @default false */
  readonly purgeProtection?: boolean;
  /** days for which deleted secrets are kept, 7 to 90 @default 90 */
  readonly recoverableDays?: number | undefined;
}

export interface VaultEnvironment {
  readonly directory: AzureDirectory;
  readonly now: () => Date;
  /** folder of the vaults' files @default - in memory only */
  readonly dataDir?: string | undefined;
}

const DOMAINS = { vault: 'vault.azure.net', managedhsm: 'managedhsm.azure.net' } as const;
const API_VERSIONS = /^(7\.[0-6]|2025-07-01)$/;

/** A key vault or a managed HSM: authenticates each request, then asks its parts for the path. */
export class AzureVault {
  readonly host: string;
  /** `https://HOST` */
  readonly url: string;
  readonly keys: Keys;
  readonly grants = new Grants();
  readonly #directory: AzureDirectory;
  readonly #resource: string;
  readonly #parts: VaultPart[];

  constructor(
    { name, type, purgeProtection = false, recoverableDays }: VaultOptions,
    { directory, now, dataDir }: VaultEnvironment,
  ) {
    this.host = `${name}.${DOMAINS[type]}`.toLowerCase();
    this.url = `https://${this.host}`;
    this.#resource = `https://${DOMAINS[type]}`;
    this.#directory = directory;
    const file = dataDir === undefined ? undefined : new KeyFile(join(dataDir, `${this.host}.keys.json`));
    this.keys = new Keys({ url: this.url, purgeProtection, now, file });
    this.#parts = [keysPart(this.keys, this.grants)];
    if (type === 'vault') this.addPart(this.#secretsPart({ purgeProtection, recoverableDays }, dataDir));
  }

  /** Adds a part of the interface, such as secrets. */
  addPart(part: VaultPart): void {
    this.#parts.push(part);
  }

  #secretsPart(
    recovery: Pick<KeyVaultSecretsOptions, 'purgeProtection' | 'recoverableDays'>,
    dataDir: string | undefined,
  ): VaultPart {
    const path = dataDir === undefined ? undefined : join(dataDir, `${this.host}.secrets.json`);
    const { tenant } = this.#directory;
    const allows = allowsByGrants(this.grants);
    return secretsPart(this.host, new KeyVaultSecrets({ host: this.host, tenant, ...recovery, allows, path }));
  }

  /** Throws `AzureError`. */
  async respond({ method, url, headers, body }: StandInRequest): Promise<StandInResponse> {
    const client = this.#directory.authenticate(headers.authorization, this.#resource);
    if (!API_VERSIONS.test(url.searchParams.get('api-version') ?? '')) {
      throw azureErrors.badParameter('The request has no api-version, or one that is not supported.');
    }
    const path = url.pathname.split('/').slice(1);
    for (const part of this.#parts) {
      const response = await part({ method, path, query: url.searchParams, body, client });
      if (response !== undefined) return response;
    }
    throw azureErrors.notFound();
  }
}
