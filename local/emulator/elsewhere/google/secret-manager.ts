import * as v from 'valibot';
import { StateFile } from '../state-file';
import type { StandIn, StandInRequest, StandInResponse } from '../stand-in';

export type SecretManagerPermission =
  | 'secretmanager.secrets.create'
  | 'secretmanager.secrets.delete'
  | 'secretmanager.secrets.get'
  | 'secretmanager.secrets.list'
  | 'secretmanager.secrets.update'
  | 'secretmanager.versions.access'
  | 'secretmanager.versions.add'
  | 'secretmanager.versions.disable';

export interface SecretManagerOptions {
  /** id of the project */
  readonly project: string;
  /** its number, which responses name */
  readonly projectNumber: string;
  /** CRC-32C of bytes */
  readonly checksum: (bytes: Uint8Array) => number;
  /** Returns whether a token's holder has a permission; `undefined` for an unknown or expired token. */
  readonly allows: (token: string, permission: SecretManagerPermission, secret: string) => boolean | undefined;
  /** file of the secrets @default - in memory only */
  readonly path?: string | undefined;
}

interface Secret {
  readonly createTime: string;
  readonly versions: Buffer[];
  expireTime?: string | undefined;
  /** versions that can't be read, by number */
  disabled?: number[] | undefined;
}

const BYTES = v.pipe(v.string(), v.base64(), v.transform((text) => Buffer.from(text, 'base64'))); // prettier-ignore
const SECRETS = v.record(
  v.string(),
  v.strictObject({
    createTime: v.string(),
    versions: v.array(BYTES),
    expireTime: v.optional(v.string()),
    disabled: v.optional(v.array(v.number())),
  }),
);

class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly status: string,
  ) {
    super(status);
  }
}

const MAX_PAYLOAD_BYTES = 65_536;
const ID = /^[A-Za-z0-9_-]{1,255}$/;

/** Google Secret Manager on one machine: secrets with versions, checksums and an end. */
export class SecretManager implements StandIn {
  readonly name = 'google';
  readonly #secrets: Map<string, Secret>;
  readonly #file: StateFile<typeof SECRETS> | undefined;

  constructor(private readonly options: SecretManagerOptions) {
    this.#file = options.path === undefined ? undefined : new StateFile(options.path, SECRETS);
    this.#secrets = new Map(Object.entries(this.#file?.read() ?? {}));
  }

  serves(host: string, port: number): boolean {
    return host === 'secretmanager.googleapis.com' && port === 443;
  }

  respond(request: StandInRequest): Promise<StandInResponse> {
    try {
      return Promise.resolve({ status: 200, body: this.#handle(request) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, status } = error;
      return Promise.resolve({ status: code, body: { error: { code, status, message: status } } });
    }
  }

  #handle({ method, url, headers, body }: StandInRequest): object {
    const { project, projectNumber } = this.options;
    const [, named, rest = ''] = /^\/v1\/projects\/([^/]+)\/secrets(.*)$/.exec(url.pathname) ?? [];
    if (named !== project && named !== projectNumber) throw new Refusal(403, 'PERMISSION_DENIED');
    const [, secret = '', version, verb] = /^\/([^/:]+)(?:\/versions\/([^/:]+))?(?::(\w+))?$/.exec(rest) ?? [];
    const require = (permission: SecretManagerPermission, id = secret): void =>
      this.#require(headers.authorization, permission, id);
    switch (`${method} ${rest === '' ? 'secrets' : (verb ?? 'secret')}`) {
      case 'POST secrets':
        require('secretmanager.secrets.create', url.searchParams.get('secretId') ?? '');
        return this.#create(url.searchParams.get('secretId') ?? '');
      case 'GET secrets':
        require('secretmanager.secrets.list');
        return this.#list(url.searchParams);
      case 'POST addVersion':
        require('secretmanager.versions.add');
        return this.#add(secret, membersOf(membersOf(parse(body)).payload));
      case 'GET access':
        require('secretmanager.versions.access');
        return this.#access(secret, version ?? '');
      case 'POST disable':
        require('secretmanager.versions.disable');
        return this.#disable(secret, Number(version));
      case 'GET secret':
        require('secretmanager.secrets.get');
        return this.#resource(secret, this.#find(secret));
      case 'PATCH secret':
        require('secretmanager.secrets.update');
        return this.#expire(secret, url.searchParams.get('updateMask'), membersOf(parse(body)).expireTime);
      case 'DELETE secret':
        require('secretmanager.secrets.delete');
        this.#find(secret);
        this.#secrets.delete(secret);
        this.#save();
        return {};
      default:
        throw new Refusal(404, 'NOT_FOUND');
    }
  }

  #require(authorization: string | undefined, permission: SecretManagerPermission, secret: string): void {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '';
    const allowed = this.options.allows(token, permission, secret);
    if (allowed === undefined) throw new Refusal(401, 'UNAUTHENTICATED');
    if (!allowed) throw new Refusal(403, 'PERMISSION_DENIED');
  }

  #find(id: string): Secret {
    const secret = this.#secrets.get(id);
    if (secret === undefined || Date.parse(secret.expireTime ?? '') <= Date.now()) throw new Refusal(404, 'NOT_FOUND');
    return secret;
  }

  #save(): void {
    const stored = [...this.#secrets].map(([id, { versions, ...secret }]) => {
      return [id, { ...secret, versions: versions.map((payload) => payload.toString('base64')) }] as const;
    });
    this.#file?.write(Object.fromEntries(stored));
  }

  #nameOf(id: string): string {
    return `projects/${this.options.projectNumber}/secrets/${id}`;
  }

  #resource(id: string, { createTime, expireTime }: Secret): object {
    return { name: this.#nameOf(id), createTime, replication: { automatic: {} }, ...(expireTime && { expireTime }) };
  }

  #create(id: string): object {
    if (!ID.test(id)) throw new Refusal(400, 'INVALID_ARGUMENT');
    if (this.#secrets.has(id)) throw new Refusal(409, 'ALREADY_EXISTS');
    const secret = { createTime: new Date().toISOString(), versions: [] };
    this.#secrets.set(id, secret);
    this.#save();
    return this.#resource(id, secret);
  }

  #add(id: string, { data, dataCrc32c }: Readonly<Record<string, unknown>>): object {
    const secret = this.#find(id);
    const payload = Buffer.from(typeof data === 'string' ? data : '', 'base64');
    const checked = dataCrc32c !== undefined;
    if (payload.length > MAX_PAYLOAD_BYTES) throw new Refusal(400, 'INVALID_ARGUMENT');
    if (checked && dataCrc32c !== String(this.options.checksum(payload))) {
      throw new Refusal(400, 'INVALID_ARGUMENT');
    }
    const version = secret.versions.push(payload);
    this.#save();
    const name = `${this.#nameOf(id)}/versions/${version}`;
    return { name, state: 'ENABLED', createTime: new Date().toISOString(), clientSpecifiedPayloadChecksum: checked };
  }

  #access(id: string, version: string): object {
    const { versions, disabled } = this.#find(id);
    const number = version === 'latest' ? versions.length : Number(version);
    const payload = versions[number - 1];
    if (payload === undefined) throw new Refusal(404, 'NOT_FOUND');
    if (disabled?.includes(number) === true) throw new Refusal(400, 'FAILED_PRECONDITION');
    const dataCrc32c = String(this.options.checksum(payload));
    return {
      name: `${this.#nameOf(id)}/versions/${number}`,
      payload: { data: payload.toString('base64'), dataCrc32c },
    };
  }

  #disable(id: string, version: number): object {
    const secret = this.#find(id);
    if (secret.versions[version - 1] === undefined) throw new Refusal(404, 'NOT_FOUND');
    secret.disabled = [...new Set([...(secret.disabled ?? []), version])];
    this.#save();
    return { name: `${this.#nameOf(id)}/versions/${version}`, state: 'DISABLED', createTime: secret.createTime };
  }

  #expire(id: string, mask: string | null, expireTime: unknown): object {
    const secret = this.#find(id);
    if (mask !== 'expireTime' || !(Date.parse(String(expireTime)) > Date.now())) {
      throw new Refusal(400, 'INVALID_ARGUMENT');
    }
    secret.expireTime = String(expireTime);
    this.#save();
    return this.#resource(id, secret);
  }

  /** Of the filters it knows that by a part of the name. */
  #list(query: URLSearchParams): object {
    const part = (query.get('filter') ?? '').replace(/^name:/, '');
    const found = [...this.#secrets].filter(([id]) => id.includes(part));
    const start = Number(query.get('pageToken') ?? 0);
    const end = start + Number(query.get('pageSize') ?? 25_000);
    return {
      secrets: found.slice(start, end).map(([id, secret]) => this.#resource(id, secret)),
      totalSize: found.length,
      ...(end < found.length && { nextPageToken: String(end) }),
    };
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new Refusal(400, 'INVALID_ARGUMENT');
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
