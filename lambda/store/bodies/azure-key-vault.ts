import { setTimeout as sleep } from 'node:timers/promises';
import { BODY_LIMITS, BODY_PREFIX, type BodyStoreDescription } from '../../contract/elsewhere';
import { VaultError } from '../../contract/errors';
import { createAzureTokens } from '../../remote/azure-token';
import { shapeFailure, statusFailure } from '../../remote/failure';
import type { RemoteRequest, RemoteResponse } from '../../remote/request';
import { sendRemote } from '../../remote/retry';
import { sendWithToken } from '../../remote/token-cache';
import { ENTRY_RESPONSE_BYTES, type BodyPage, type BodyStore } from './body-store';
import { asStore, bytesOf, childOf, jsonBody, listAt, memberOf, recordIdIn, refuseExisting, textAt } from './service';

export type AzureKeyVaultDescription = Extract<BodyStoreDescription, { readonly type: 'azure-key-vault' }>;

const SERVICE = 'azure';
const API_VERSION = '7.6';
/** The most that Azure lists at once. */
const PAGE = 25;
const VERSION = /^[0-9a-f]{32}$/;
/** A deleted secret can be purged a moment later: attempts, and the time between them. */
const MAX_PURGE_ATTEMPTS = 5;
const PURGE_BACKOFF_MS = 200;

type Send = (method: RemoteRequest['method'], url: URL, body: Buffer | undefined, signal: AbortSignal) => Promise<RemoteResponse>; // prettier-ignore

/**
 * Bodies in Azure Key Vault: one secret a record. The service has no create-only write: a second body under one name gets
 * a version of its own. Destroying an entry deletes the secret, for the days of the vault's soft delete, and purges it if
 * the description says so.
 */
export function createAzureKeyVaultBodies(description: AzureKeyVaultDescription, environment: string): BodyStore {
  const { vault, purge } = description;
  const prefix = BODY_PREFIX.dashed(environment);
  const tokens = createAzureTokens(description, 'https://vault.azure.net');
  const send: Send = (method, url, body, signal) => {
    const request = (token: string): Promise<RemoteResponse> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const maxBytes = ENTRY_RESPONSE_BYTES;
      return sendRemote({ service: SERVICE, method, url, headers, body, maxBytes }, signal);
    };
    return sendWithToken(tokens, signal, request, ({ status }) => status === 401);
  };
  const urlOf = (path: string): URL => new URL(`${path}?api-version=${API_VERSION}`, vault);
  return {
    maxBytes: BODY_LIMITS['azure-key-vault'],
    put: (recordId, body, signal) =>
      asStore(create(send, urlOf(`/secrets/${prefix}${recordId}`), body, description, signal)),
    get: async (recordId, version, signal) =>
      VERSION.test(version)
        ? asStore(read(send, urlOf(`/secrets/${prefix}${recordId}/${version}`), signal))
        : undefined,
    destroy: (recordId, signal) => {
      const name = `${prefix}${recordId}`;
      const purged = purge ? urlOf(`/deletedsecrets/${name}`) : undefined;
      return asStore(remove(send, urlOf(`/secrets/${name}`), purged, signal));
    },
    list: (after, signal) => asStore(list(send, vault, prefix, after, signal)),
  };
}

async function create(
  send: Send,
  url: URL,
  body: Uint8Array,
  description: AzureKeyVaultDescription,
  signal: AbortSignal,
): Promise<string> {
  const value = Buffer.from(body).toString('base64');
  const response = await send('PUT', url, jsonBody({ value, contentType: 'application/octet-stream' }), signal);
  // a name that was deleted is taken until it is purged
  if (response.status === 409) return refuseExisting();
  if (response.status !== 200) throw statusFailure(SERVICE, response.status);
  requireRecovery(response, description);
  return versionIn(response, url);
}

/** A key vault that keeps deleted secrets longer than described would make `unreadableAfter` untrue. */
function requireRecovery(response: RemoteResponse, { purge, recoveryDays }: AzureKeyVaultDescription): void {
  const level = memberOf(response, 'attributes', 'recoveryLevel');
  const days = memberOf(response, 'attributes', 'recoverableDays');
  if (purge && typeof level === 'string' && !level.includes('Purgeable')) {
    throw new VaultError('Misconfigured', 'body store: expected a key vault without purge protection, got one with it');
  }
  if (!purge && typeof days === 'number' && days > recoveryDays) {
    throw new VaultError('Misconfigured', `body store: expected a retention of ${recoveryDays} days, got ${days}`);
  }
}

async function read(send: Send, url: URL, signal: AbortSignal): Promise<Buffer | undefined> {
  const response = await send('GET', url, undefined, signal);
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw statusFailure(SERVICE, response.status);
  const version = versionIn(response, new URL(url.pathname.slice(0, url.pathname.lastIndexOf('/')), url));
  if (!url.pathname.endsWith(`/${version}`)) throw shapeFailure(SERVICE, 'the requested version');
  return bytesOf(textAt(response, SERVICE, 'value'), SERVICE);
}

/** Returns the version in the response's id, which must be of the secret. */
function versionIn(response: RemoteResponse, secret: URL): string {
  const id = textAt(response, SERVICE, 'id');
  const start = `${secret.origin}${secret.pathname}/`;
  const version = id.slice(start.length);
  if (id.toLowerCase().startsWith(start.toLowerCase()) && VERSION.test(version)) return version;
  throw shapeFailure(SERVICE, 'a version of the secret');
}

async function remove(send: Send, url: URL, purged: URL | undefined, signal: AbortSignal): Promise<void> {
  const deleted = await send('DELETE', url, undefined, signal);
  if (deleted.status !== 200 && deleted.status !== 404) throw statusFailure(SERVICE, deleted.status);
  if (purged !== undefined) await purge(send, purged, deleted.status === 200, signal);
}

/** A secret that was deleted just now is not found at first, or is busy; one that was deleted before was purged. */
async function purge(send: Send, url: URL, justDeleted: boolean, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { status } = await send('DELETE', url, undefined, signal);
    if (status === 204 || (status === 404 && !justDeleted)) return;
    if ((status !== 404 && status !== 409) || attempt === MAX_PURGE_ATTEMPTS) throw statusFailure(SERVICE, status);
    await sleep(PURGE_BACKOFF_MS * attempt, undefined, { signal }).catch(() => {
      throw statusFailure(SERVICE, status);
    });
  }
}

async function list(
  send: Send,
  vault: string,
  prefix: string,
  after: string | undefined,
  signal: AbortSignal,
): Promise<BodyPage> {
  const first = `/secrets?api-version=${API_VERSION}&maxresults=${PAGE}`;
  const response = await send('GET', new URL(after ?? first, vault), undefined, signal);
  if (response.status !== 200) throw statusFailure(SERVICE, response.status);
  return {
    recordIds: listAt(response, SERVICE, 'value').flatMap((secret) => idOf(secret, vault, prefix) ?? []),
    ...nextOf(memberOf(response, 'nextLink'), vault),
  };
}

/** The next page is an address, to which the token is sent: only one of the same vault is followed. */
function nextOf(link: unknown, vault: string): { readonly next?: string } {
  if (typeof link !== 'string' || link === '') return {};
  const url = URL.parse(link);
  if (url?.origin === new URL(vault).origin && url.pathname === '/secrets') return { next: link };
  throw shapeFailure(SERVICE, 'a next page of the vault');
}

/** Azure spells the vault's name in small letters. */
function idOf(secret: unknown, vault: string, prefix: string): string | undefined {
  return recordIdIn(childOf(secret, 'id'), `${new URL(vault).origin}/secrets/${prefix}`);
}
