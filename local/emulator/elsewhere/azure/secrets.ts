import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { StateFile } from '../state-file';
import type { StandIn, StandInRequest, StandInResponse } from '../stand-in';

export type SecretsPermission = 'set' | 'get' | 'list' | 'delete' | 'purge';

export interface KeyVaultSecretsOptions {
  /** `NAME.vault.azure.net` */
  readonly host: string;
  readonly tenant: string;
  /** whether deleted secrets can't be purged before their time */
  readonly purgeProtection: boolean;
  /** days for which deleted secrets are kept, 7 to 90 @default 90 */
  readonly recoverableDays?: number | undefined;
  /** Returns whether a token's holder has a permission; `undefined` for an unknown or expired token. */
  readonly allows: (token: string, permission: SecretsPermission) => boolean | undefined;
  /** file of the secrets @default - in memory only */
  readonly path?: string | undefined;
}

const SECRET = v.strictObject({
  versions: v.pipe(
    v.record(v.string(), v.strictObject({ value: v.string(), created: v.number(), contentType: v.string() })),
    v.transform((versions) => new Map(Object.entries(versions))),
  ),
});
type Secret = v.InferOutput<typeof SECRET>;
const SECRETS = v.strictObject({ secrets: v.record(v.string(), SECRET), deleted: v.record(v.string(), SECRET) });

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
  readonly #secrets: Map<string, Secret>;
  readonly #deleted: Map<string, Secret>;
  readonly #file: StateFile<typeof SECRETS> | undefined;

  constructor(private readonly options: KeyVaultSecretsOptions) {
    this.#file = options.path === undefined ? undefined : new StateFile(options.path, SECRETS);
    const { secrets, deleted } = this.#file?.read() ?? { secrets: {}, deleted: {} };
    this.#secrets = new Map(Object.entries(secrets));
    this.#deleted = new Map(Object.entries(deleted));
  }

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

  #save(): void {
    this.#file?.write({ secrets: storedFrom(this.#secrets), deleted: storedFrom(this.#deleted) });
  }

  #idOf(name: string, version?: string): string {
    return `https://${this.options.host}/secrets/${name}${version === undefined ? '' : `/${version}`}`;
  }

  #attributes(created: number | undefined): object {
    const { purgeProtection, recoverableDays = 90 } = this.options;
    const kept = recoverableDays < 90 ? 'CustomizedRecoverable' : 'Recoverable';
    const recoveryLevel = purgeProtection ? kept : `${kept}+Purgeable`;
    return { enabled: true, created, updated: created, recoverableDays, recoveryLevel };
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
    this.#save();
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
      attributes: this.#attributes(created),
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
        return { id: this.#idOf(name), attributes: this.#attributes(created) };
      }),
      nextLink: start + size < this.#secrets.size ? next.href : null,
    };
  }

  #delete(name: string): object {
    const secret = this.#find(this.#secrets, name);
    this.#secrets.delete(name);
    this.#deleted.set(name, secret);
    this.#save();
    return { id: this.#idOf(name), recoveryId: `https://${this.options.host}/deletedsecrets/${name}` };
  }

  #purge(name: string): StandInResponse {
    this.#find(this.#deleted, name);
    if (this.options.purgeProtection) throw new Refusal(403, 'Forbidden');
    this.#deleted.delete(name);
    this.#save();
    return { status: 204 };
  }
}

function storedFrom(secrets: ReadonlyMap<string, Secret>): v.InferInput<typeof SECRETS>['secrets'] {
  const stored = [...secrets].map(
    ([name, { versions }]) => [name, { versions: Object.fromEntries(versions) }] as const,
  );
  return Object.fromEntries(stored);
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
