import { randomBytes } from 'node:crypto';
import type { StandIn, StandInRequest, StandInResponse } from '../stand-in';

export type SecretsPermission = 'set' | 'get' | 'list' | 'delete' | 'purge';

export interface KeyVaultSecretsOptions {
  /** `NAME.vault.azure.net` */
  readonly host: string;
  readonly tenant: string;
  /** whether deleted secrets can't be purged before their time */
  readonly purgeProtection: boolean;
  /** Returns whether a token's holder has a permission; `undefined` for an unknown or expired token. */
  readonly allows: (token: string, permission: SecretsPermission) => boolean | undefined;
}

interface Secret {
  readonly versions: Map<string, { readonly value: string; readonly created: number; readonly contentType: string }>;
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

const MAX_VALUE_CHARS = 25 * 1024;
const NAME = /^[0-9A-Za-z-]{1,127}$/;

/** The secrets of an Azure key vault on one machine: versions, soft delete, purge and its protection. */
export class KeyVaultSecrets implements StandIn {
  readonly name = 'azure';
  readonly #secrets = new Map<string, Secret>();
  readonly #deleted = new Map<string, Secret>();

  constructor(private readonly options: KeyVaultSecretsOptions) {}

  serves(host: string, port: number): boolean {
    return host === this.options.host && port === 443;
  }

  respond(request: StandInRequest): Promise<StandInResponse> {
    try {
      return Promise.resolve(this.#handle(request));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code } = error;
      const challenge = `Bearer authorization="https://login.microsoftonline.com/${this.options.tenant}", resource="https://vault.azure.net"`;
      const headers = status === 401 ? { 'www-authenticate': challenge } : {};
      return Promise.resolve({ status, headers, body: { error: { code, message: code } } });
    }
  }

  #handle({ method, url, headers, body }: StandInRequest): StandInResponse {
    if (!url.searchParams.has('api-version')) throw new Refusal(400, 'BadParameter');
    const [, kind = '', name = '', version = ''] = url.pathname.split('/');
    const require = (permission: SecretsPermission): void => this.#require(headers.authorization, permission);
    switch (`${method} ${kind}${name === '' ? '' : '/name'}`) {
      case 'PUT secrets/name':
        require('set');
        return { status: 200, body: this.#set(name, body) };
      case 'GET secrets/name':
        require('get');
        return { status: 200, body: this.#get(name, version) };
      case 'GET secrets':
        require('list');
        return { status: 200, body: this.#list(url) };
      case 'DELETE secrets/name':
        require('delete');
        return { status: 200, body: this.#delete(name) };
      case 'DELETE deletedsecrets/name':
        require('purge');
        return this.#purge(name);
      default:
        throw new Refusal(404, 'NotFound');
    }
  }

  #require(authorization: string | undefined, permission: SecretsPermission): void {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '';
    const allowed = this.options.allows(token, permission);
    if (allowed === undefined) throw new Refusal(401, 'Unauthorized');
    if (!allowed) throw new Refusal(403, 'Forbidden');
  }

  #find(secrets: ReadonlyMap<string, Secret>, name: string): Secret {
    const secret = secrets.get(name);
    if (secret === undefined) throw new Refusal(404, 'SecretNotFound');
    return secret;
  }

  #idOf(name: string, version?: string): string {
    return `https://${this.options.host}/secrets/${name}${version === undefined ? '' : `/${version}`}`;
  }

  #set(name: string, body: Buffer): object {
    const { value, contentType = '' } = readValue(body);
    if (!NAME.test(name) || value.length > MAX_VALUE_CHARS) throw new Refusal(400, 'BadParameter');
    // a deleted name is taken
    if (this.#deleted.has(name)) throw new Refusal(409, 'Conflict');
    const secret = this.#secrets.get(name) ?? { versions: new Map() };
    const version = randomBytes(16).toString('hex');
    secret.versions.set(version, { value, contentType, created: Math.floor(Date.now() / 1_000) });
    this.#secrets.set(name, secret);
    return this.#get(name, version);
  }

  #get(name: string, version: string): object {
    const { versions } = this.#find(this.#secrets, name);
    const chosen = version === '' ? ([...versions.keys()].at(-1) ?? '') : version;
    const found = versions.get(chosen);
    if (found === undefined) throw new Refusal(404, 'SecretNotFound');
    const { value, contentType, created } = found;
    return {
      id: this.#idOf(name, chosen),
      value,
      contentType,
      attributes: { enabled: true, created, updated: created },
    };
  }

  #list(url: URL): object {
    const size = Number(url.searchParams.get('maxresults') ?? 25);
    const start = Number(url.searchParams.get('$skiptoken') ?? 0);
    if (!(size >= 1 && size <= 25)) throw new Refusal(400, 'BadParameter');
    const page = [...this.#secrets].slice(start, start + size);
    const next = new URL(url);
    next.searchParams.set('$skiptoken', String(start + size));
    return {
      value: page.map(([name, { versions }]) => {
        const created = [...versions.values()][0]?.created;
        return { id: this.#idOf(name), attributes: { enabled: true, created, updated: created } };
      }),
      nextLink: start + size < this.#secrets.size ? next.href : null,
    };
  }

  #delete(name: string): object {
    const secret = this.#find(this.#secrets, name);
    this.#secrets.delete(name);
    this.#deleted.set(name, secret);
    return { id: this.#idOf(name), recoveryId: `https://${this.options.host}/deletedsecrets/${name}` };
  }

  #purge(name: string): StandInResponse {
    this.#find(this.#deleted, name);
    if (this.options.purgeProtection) throw new Refusal(403, 'Forbidden');
    this.#deleted.delete(name);
    return { status: 204 };
  }
}

function readValue(body: Buffer): { readonly value: string; readonly contentType?: string } {
  try {
    const read: unknown = JSON.parse(body.toString());
    if (typeof read === 'object' && read !== null && 'value' in read && typeof read.value === 'string') {
      return { value: read.value, ...('contentType' in read && { contentType: String(read.contentType) }) };
    }
  } catch {
    // refused below, as any other body
  }
  throw new Refusal(400, 'BadParameter');
}
