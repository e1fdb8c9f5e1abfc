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

export type { Binding, GoogleRole } from './iam-policy';
export type { PoolProvider } from './pool';

export interface GoogleOptions {
  /** the providers of workload identity pools */
  readonly providers: readonly PoolProvider[];
  /** the folder of the keys' file @default - keys are kept in memory */
  readonly dir?: string | undefined;
  /** the clock of access tokens @default - this machine's clock */
  readonly now?: Clock | undefined;
}

/** An API behind its host: gets the requests of authenticated callers. Throws `GoogleError`. */
type Api = (request: StandInRequest) => StandInResponse | Promise<StandInResponse>;

/** Google Cloud on this machine: its token service and Cloud KMS. */
export class GoogleStandIn implements StandIn {
  readonly name = 'google';
  readonly keys: CryptoKeys;
  readonly policy = new IamPolicy();
  readonly tokens: AccessTokens;
  readonly faults = new GoogleFaults();
  /** paths of all requests, in order */
  readonly calls: string[] = [];
  readonly #apis: Readonly<Record<string, Api>>;

  constructor({ providers, dir, now = Date.now }: GoogleOptions) {
    this.keys = new CryptoKeys(now, dir === undefined ? undefined : new KeyFile(join(dir, 'google-keys.json')));
    this.tokens = new AccessTokens(now);
    const kms = new CloudKms(this.keys, this.policy);
    this.#apis = {
      'sts.googleapis.com': (request) => exchangeToken(request, providers, this.tokens),
      'cloudkms.googleapis.com': (request) =>
        kms.respond(request, this.tokens.require(request.headers.authorization, KMS_SCOPE)),
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
