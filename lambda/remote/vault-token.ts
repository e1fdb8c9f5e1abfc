import { ELSEWHERE_PATTERNS, type VaultLogin, type VaultPlace } from '../contract/elsewhere';
import { VaultError } from '../contract/errors';
import { wipe } from '../contract/bytes';
import { signCallerIdentity } from './caller-identity';
import { shapeFailure, statusFailure } from './failure';
import type { RemoteRequest, RemoteResponse } from './request';
import { sendRemote } from './retry';
import { type Token, TokenCache, sendWithToken } from './token-cache';
import { getWebIdentityToken } from './web-identity';

/** One request to HashiCorp Vault or OpenBao. */
export interface VaultRequest {
  readonly method: RemoteRequest['method'];
  /** below the namespace: `transit/encrypt/share` */
  readonly path: string;
  /** JSON; stays the caller's to wipe */
  readonly body?: Buffer | undefined;
  readonly maxBytes?: number;
}

/** Sends requests to one Vault with the token of the function's role. */
export interface VaultClient {
  /**
   * Returns the response, of any status but a redirect. A 403 for a cached token is followed by one login and a second
   * request. Throws `KeyUnavailable` for a refused login, and as `sendRemote`.
   */
  send(request: VaultRequest, signal: AbortSignal): Promise<RemoteResponse>;
}

export const VAULT_SERVICE = 'vault';
/** Tokens of every kind: of HashiCorp and of OpenBao, with the id of a namespace at their end. */
const TOKEN = /^[A-Za-z0-9._-]{1,4096}$/;
const PEM_LINE = /.{64}(?!$)/g;

/** Creates a client with a token of its own. Throws `Misconfigured` for a place or a login that is malformed. */
export function createVaultClient(place: VaultPlace, login: VaultLogin): VaultClient {
  requirePlace(place);
  requireLogin(login);
  const send = createSender(place);
  const tokens = new TokenCache((signal) => logIn(login, send, signal));
  return {
    send: (request, signal) =>
      sendWithToken(
        tokens,
        signal,
        (token) => send(request, { 'x-vault-token': token }, signal),
        ({ status }) => status === 403,
      ),
  };
}

type Send = (
  request: VaultRequest,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<RemoteResponse>;

function createSender({ address, namespace, ca: der }: VaultPlace): Send {
  const ca = der === undefined ? undefined : pemOf(der);
  const common = { 'content-type': 'application/json', ...(namespace && { 'x-vault-namespace': namespace }) };
  return ({ path, ...request }, headers, signal) => {
    const url = new URL(`/v1/${path}`, address);
    return sendRemote({ ...request, service: VAULT_SERVICE, url, headers: { ...common, ...headers }, ca }, signal);
  };
}

async function logIn(login: VaultLogin, send: Send, signal: AbortSignal): Promise<Token> {
  const proof =
    login.method === 'jwt' ? await tokenProof(login.audience, signal) : await signatureProof(login.serverId);
  const body = Buffer.from(JSON.stringify({ role: login.role, ...proof }));
  const began = Date.now();
  const response = await send({ method: 'POST', path: `auth/${login.mount}/login`, body }, {}, signal);
  try {
    if (response.status !== 200) throw statusFailure(VAULT_SERVICE, response.status);
    return readToken(response.body, began);
  } finally {
    wipe(response.body);
  }
}

async function tokenProof(audience: string, signal: AbortSignal): Promise<object> {
  return { jwt: await getWebIdentityToken(audience, signal) };
}

/** The signature covers the server id: another Vault can't use the request. */
async function signatureProof(serverId: string | undefined): Promise<object> {
  const headers: Readonly<Record<string, string>> =
    serverId === undefined ? {} : { 'x-vault-aws-iam-server-id': serverId };
  const signed = await signCallerIdentity(headers);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    iam_http_request_method: signed.method,
    iam_request_url: base64(signed.url.href),
    iam_request_body: base64(signed.body),
    iam_request_headers: base64(JSON.stringify(signed.headers)),
  };
}

/** Its lifetime counts from the request. A token without one is used for one call. */
function readToken(body: Buffer, began: number): Token {
  const auth = memberOf(parse(body), 'auth');
  const [value, seconds] = [memberOf(auth, 'client_token'), memberOf(auth, 'lease_duration')];
  if (typeof value !== 'string' || !TOKEN.test(value)) throw shapeFailure(VAULT_SERVICE, 'a token');
  if (typeof seconds !== 'number' || !(seconds >= 0)) throw shapeFailure(VAULT_SERVICE, 'the lifetime of a token');
  return { value, expiresAt: began + seconds * 1_000 };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function requirePlace({ address, namespace, mount, ca }: VaultPlace): void {
  requireMatch(address, ELSEWHERE_PATTERNS.vaultAddress, 'the address of a Vault');
  requireMatch(mount, ELSEWHERE_PATTERNS.vaultPath, 'the path of a secrets engine');
  if (namespace !== undefined) requireMatch(namespace, ELSEWHERE_PATTERNS.vaultPath, 'a namespace');
  if (ca !== undefined) requireMatch(ca, ELSEWHERE_PATTERNS.vaultCa, 'a certificate in base64');
}

function requireLogin(login: VaultLogin): void {
  requireMatch(login.mount, ELSEWHERE_PATTERNS.vaultPath, 'the path of a login method');
  requireMatch(login.role, ELSEWHERE_PATTERNS.vaultName, 'the name of a role');
  const bound = login.method === 'jwt' ? login.audience : login.serverId;
  if (bound !== undefined) requireMatch(bound, ELSEWHERE_PATTERNS.audience, 'an audience or a server id');
}

function requireMatch(text: string, pattern: RegExp, expected: string): void {
  if (!pattern.test(text)) throw new VaultError('Misconfigured', `expected ${expected}, got something else`);
}

function pemOf(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(PEM_LINE, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
