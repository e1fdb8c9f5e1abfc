import type { IdentityIssuer, StandIn, StandInRequest, StandInResponse } from '../stand-in';
import { AzureError } from './azure-error';
import { AzureDirectory } from './directory';
import { LOGIN_HOST, respondToLogin } from './login';
import { AzureVault, type VaultOptions } from './vault';

export interface AzureOptions {
  /** UUID of the directory */
  readonly tenant: string;
  /** whose tokens federated credentials can name */
  readonly issuers: readonly IdentityIssuer[];
  readonly vaults: readonly VaultOptions[];
  /** folder of the vaults' keys, so that they survive a restart @default - in memory only */
  readonly dataDir?: string | undefined;
  /** @default - this machine's clock */
  readonly now?: (() => Date) | undefined;
}

/** Gets each request before Azure does, with a function that lets Azure respond. `undefined` cuts the connection. */
export type Interceptor = (
  request: StandInRequest,
  respond: () => Promise<StandInResponse>,
) => Promise<StandInResponse | undefined>;

/**
 * Microsoft's login service, key vaults and managed HSMs on this machine: one directory, with applications that log in by
 * federated credentials, and vaults with role assignments.
 */
export class AzureStandIn implements StandIn {
  readonly name = 'azure';
  readonly directory: AzureDirectory;
  /** for faults @default - none */
  interceptor: Interceptor | undefined;
  readonly #vaults: ReadonlyMap<string, AzureVault>;

  constructor({ tenant, issuers, vaults, dataDir, now = () => new Date() }: AzureOptions) {
    this.directory = new AzureDirectory({ tenant, issuers, now });
    const environment = { directory: this.directory, now, dataDir };
    this.#vaults = new Map(
      vaults.map((options) => {
        const vault = new AzureVault(options, environment);
        return [vault.host, vault];
      }),
    );
  }

  /** the hosts of the login service and of each vault */
  get hosts(): readonly string[] {
    return [LOGIN_HOST, ...this.#vaults.keys()];
  }

  serves(host: string, port: number): boolean {
    return port === 443 && this.hosts.includes(host.toLowerCase());
  }

  /** Returns the vault of a host. Throws if there is none. */
  vault(host: string): AzureVault {
    const vault = this.#vaults.get(host.toLowerCase());
    if (vault === undefined) throw new Error(`expected the host of a vault, got ${host}`);
    return vault;
  }

  async respond(request: StandInRequest): Promise<StandInResponse | undefined> {
    const respond = (): Promise<StandInResponse> => this.#respond(request);
    return await (this.interceptor?.(request, respond) ?? respond());
  }

  async #respond(request: StandInRequest): Promise<StandInResponse> {
    const host = request.url.hostname;
    if (host === LOGIN_HOST) return respondToLogin(this.directory, request);
    try {
      return await this.vault(host).respond(request);
    } catch (error) {
      if (error instanceof AzureError) return { status: error.status, headers: error.headers, body: error };
      throw error;
    }
  }
}
