import { join } from 'node:path';
import type { Clock } from '../../signature';
import type { StandIn, StandInRequest, StandInResponse } from '../stand-in';
import { AccessTokens } from './access-tokens';
import { CloudKms, KMS_SCOPE } from './cloud-kms';
import { CryptoKeys } from './crypto-keys';
import { exchangeToken } from './exchange';
import { GoogleFaults } from './faults';
import { ExchangeError, GoogleError } from './google-error';
import { IamPolicy } from './iam-policy';
import { KeyFile } from './key-file';
import type { PoolProvider } from './pool';
import { crc32c } from './crc';
import { SecretManager, type SecretManagerPermission } from './secret-manager';

export type { Binding, GoogleRole } from './iam-policy';
export type { PoolProvider } from './pool';

export interface GoogleOptions {
  /** the providers of workload identity pools */
  readonly providers: readonly PoolProvider[];
  /** the folder of the keys' file @default - keys are kept in memory */
  readonly dir?: string | undefined;
  /** the projects of Secret Manager, by the id or number that callers use, and their numbers */
  readonly projects?: readonly { readonly id: string; readonly number: string }[] | undefined;
  /** the clock of access tokens @default - this machine's clock */
  readonly now?: Clock | undefined;
}

/** The only scope of Secret Manager. */
const SECRETS_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** An API behind its host: gets the requests of authenticated callers. Throws `GoogleError`. */
type Api = (request: StandInRequest) => StandInResponse | Promise<StandInResponse>;

/** Google Cloud on this machine: its token service, Cloud KMS and Secret Manager. */
export class GoogleStandIn implements StandIn {
  readonly name = 'google';
  readonly keys: CryptoKeys;
  readonly policy = new IamPolicy();
  readonly tokens: AccessTokens;
  readonly faults = new GoogleFaults();
  /** paths of all requests, in order */
  readonly calls: string[] = [];
  readonly #apis: Readonly<Record<string, Api>>;

  constructor({ providers, dir, projects = [], now = Date.now }: GoogleOptions) {
    this.keys = new CryptoKeys(now, dir === undefined ? undefined : new KeyFile(join(dir, 'google-keys.json')));
    this.tokens = new AccessTokens(now);
    const kms = new CloudKms(this.keys, this.policy);
    this.#apis = {
      'sts.googleapis.com': (request) => exchangeToken(request, providers, this.tokens),
      'cloudkms.googleapis.com': (request) =>
        kms.respond(request, this.tokens.require(request.headers.authorization, KMS_SCOPE)),
      'secretmanager.googleapis.com': this.#secretManager(projects, dir),
    };
  }

  #secretManager(projects: NonNullable<GoogleOptions['projects']>, dir: string | undefined): Api {
    const managers = projects.map(({ id, number }) => {
      const path = dir === undefined ? undefined : join(dir, `google-${id}-secrets.json`);
      const allows = (token: string, permission: SecretManagerPermission): true => {
        const caller = this.tokens.require(`Bearer ${token}`, SECRETS_SCOPE);
        this.policy.require(caller, permission, `projects/${id}`);
        return true;
      };
      return [id, new SecretManager({ project: id, projectNumber: number, checksum: crc32c, allows, path })] as const;
    });
    return (request) => {
      const [, , , id = ''] = request.url.pathname.split('/');
      const manager = managers.find(([project]) => project === id)?.[1];
      if (manager !== undefined) return manager.respond(request);
      throw new GoogleError('PERMISSION_DENIED', 'Permission denied on the project (or it may not exist).');
    };
  }

  serves(host: string, port: number): boolean {
    return port === 443 && Object.hasOwn(this.#apis, host);
  }

  async respond(request: StandInRequest): Promise<StandInResponse | undefined> {
    const { pathname, hostname } = request.url;
    this.calls.push(pathname);
    const respond = (): Promise<StandInResponse> => respondBy(this.#apis[hostname], request);
    return await (this.faults.take(pathname)?.(respond) ?? respond());
  }
}

async function respondBy(api: Api | undefined, request: StandInRequest): Promise<StandInResponse> {
  try {
    if (api === undefined) throw new GoogleError('NOT_FOUND', 'Service not found.');
    return await api(request);
  } catch (error) {
    if (error instanceof GoogleError || error instanceof ExchangeError) return error.response;
    throw error;
  }
}
