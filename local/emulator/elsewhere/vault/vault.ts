import { randomUUID } from 'node:crypto';
import { METHODS, type Input, type Method, type SecretsEngine } from './engine';
import { VaultRefusal, vaultErrors } from './errors';
import type { StandIn, StandInRequest, StandInResponse } from '../stand-in';
import { VaultFaults } from './faults';
import type { LoginMethod } from './login';
import { type Policy, isAllowed } from './policies';
import { type Clock, type TokenGrant, Tokens } from './tokens';

export interface LocalVaultServerOptions {
  /** `https://HOST[:PORT]` of its nodes */
  readonly addresses: readonly string[];
  /** `[namespace/]mount` → its engine */
  readonly engines: Readonly<Record<string, SecretsEngine>>;
  /** `[namespace/]mount` of a login method, without `auth/` → the method */
  readonly logins: Readonly<Record<string, LoginMethod>>;
  /** by their names */
  readonly policies: Readonly<Record<string, Policy>>;
  /** @default - this machine's clock */
  readonly now?: Clock;
}

interface ReadRequest {
  readonly method: Method;
  /** with its namespace, without `/v1/` */
  readonly path: string;
  readonly namespace: string;
  readonly token: string;
  readonly query: URLSearchParams;
  readonly input: Input;
}

/** HashiCorp Vault's HTTP API on one machine: namespaces, logins, tokens, policies and secrets engines. */
export class LocalVaultServer implements StandIn {
  readonly name = 'vault';
  readonly faults = new VaultFaults();
  readonly tokens: Tokens;
  /** Replaced policies hold for the next request, also of earlier tokens, as in Vault. */
  policies: Readonly<Record<string, Policy>>;
  readonly #hosts: ReadonlySet<string>;
  readonly #engines: LocalVaultServerOptions['engines'];
  readonly #logins: LocalVaultServerOptions['logins'];

  constructor({ addresses, engines, logins, policies, now }: LocalVaultServerOptions) {
    this.#hosts = new Set(addresses.map((address) => hostOf(new URL(address))));
    this.tokens = new Tokens(now);
    this.policies = policies;
    this.#engines = engines;
    this.#logins = logins;
  }

  serves(host: string, port: number): boolean {
    return this.#hosts.has(`${host}:${port}`);
  }

  async respond(request: StandInRequest): Promise<StandInResponse | undefined> {
    const fault = this.faults.take(request.url.pathname);
    if (fault !== undefined) return fault(() => this.#respond(request));
    return this.#respond(request);
  }

  async #respond(request: StandInRequest): Promise<StandInResponse> {
    try {
      return await this.#handle(readRequest(request));
    } catch (error) {
      if (!(error instanceof VaultRefusal)) throw error;
      return { status: error.status, body: { errors: error.errors } };
    }
  }

  async #handle(request: ReadRequest): Promise<StandInResponse> {
    const login = this.#loginOf(request);
    if (login !== undefined) {
      const grant = await login.login(request.input);
      return { status: 200, body: loginResponse(this.tokens.issue(grant), grant) };
    }
    const data = this.#call(request);
    return data === undefined ? { status: 204 } : { status: 200, body: dataResponse(data) };
  }

  #loginOf({ method, path, namespace }: ReadRequest): LoginMethod | undefined {
    const below = namespace === '' ? path : path.slice(namespace.length + 1);
    const mount = /^auth\/(.+)\/login$/.exec(below)?.[1];
    if (mount === undefined || (method !== 'POST' && method !== 'PUT')) return undefined;
    const login = this.#logins[join(namespace, mount)];
    // Vault does not say whether a path exists to a caller without a token
    if (login === undefined) throw vaultErrors.denied();
    return login;
  }

  #call({ method, path, token, query, input }: ReadRequest): object | undefined {
    const names = this.tokens.policiesOf(token);
    if (names === undefined) throw vaultErrors.badToken();
    const mount = Object.keys(this.#engines).find((each) => path.startsWith(`${each}/`));
    const engine = mount === undefined ? undefined : this.#engines[mount];
    const request = { method, path: path.slice((mount?.length ?? 0) + 1), query, input };
    const capability = engine?.capabilityOf(request) ?? 'read';
    const policies = names.map((name) => this.policies[name] ?? {});
    if (!isAllowed(policies, path, capability)) throw vaultErrors.denied();
    if (engine === undefined) throw vaultErrors.noRoute(path);
    return engine.respond(request);
  }
}

function hostOf({ hostname, port }: URL): string {
  return `${hostname}:${port || '443'}`;
}

function readRequest({ method, url, headers, body }: StandInRequest): ReadRequest {
  const namespace = headerOf(headers, 'x-vault-namespace').replace(/^\/|\/$/g, '');
  const below = /^\/v1\/(.+?)\/?$/.exec(decodeURIComponent(url.pathname))?.[1];
  if (below === undefined) throw vaultErrors.missing();
  return {
    method: readMethod(method, url.searchParams),
    path: join(namespace, below),
    namespace,
    query: url.searchParams,
    token: headerOf(headers, 'x-vault-token') || headerOf(headers, 'authorization').replace(/^Bearer /, ''),
    input: readInput(body),
  };
}

/** A list is a GET with `list=true`: Node's server reads no method LIST. */
function readMethod(method: string, query: URLSearchParams): Method {
  const read = METHODS.find((each) => each === method);
  if (read === undefined) throw vaultErrors.unsupported();
  return read === 'GET' && ['true', '1'].includes(query.get('list') ?? '') ? 'LIST' : read;
}

function readInput(body: Buffer): Input {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString());
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  } catch {
    // refused below, as any other text
  }
  throw vaultErrors.badRequest('failed to parse JSON input: invalid character');
}

function headerOf(headers: StandInRequest['headers'], name: string): string {
  return [headers[name]].flat()[0] ?? '';
}

function join(namespace: string, path: string): string {
  return namespace === '' ? path : `${namespace}/${path}`;
}

function dataResponse(data: object): object {
  return { request_id: randomUUID(), lease_id: '', renewable: false, lease_duration: 0, data, wrap_info: null, warnings: null, auth: null }; // prettier-ignore
}

function loginResponse(token: string, { policies, ttl, role }: TokenGrant): object {
  const auth = {
    client_token: token,
    accessor: '',
    policies: ['default', ...policies],
    token_policies: ['default', ...policies],
    metadata: { role },
    lease_duration: ttl,
    renewable: false,
    entity_id: '',
    token_type: 'batch',
    orphan: true,
    mfa_requirement: null,
    num_uses: 0,
  };
  return { ...dataResponse({}), data: null, auth };
}
