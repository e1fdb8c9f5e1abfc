import { BODY_LIMITS, BODY_PREFIX, type BodyStoreDescription } from '../../contract/elsewhere';
import { VaultError } from '../../contract/errors';
import { shapeFailure, statusFailure } from '../../remote/failure';
import type { RemoteResponse } from '../../remote/request';
import { VAULT_SERVICE, type VaultClient, createVaultClient } from '../../remote/vault-token';
import { ENTRY_RESPONSE_BYTES, type BodyPage, type BodyStore } from './body-store';
import { asStore, bytesOf, jsonBody, listAt, memberOf, recordIdIn, refuseExisting, textAt } from './service';

export type VaultKvDescription = Extract<BodyStoreDescription, { readonly type: 'vault-kv' }>;

const MAX_LIST_BYTES = 64 * 1024 * 1024;
const VERSION = /^[1-9]\d{0,8}$/;
/** Vault's own text for a write with `cas` 0 to an entry that exists. */
const EXISTS = 'check-and-set';

/**
 * Bodies in the key-value engine (version 2) of HashiCorp Vault or OpenBao. Destroying an entry removes its metadata and
 * every version at once; snapshots of Vault keep it.
 */
export function createVaultKvBodies(description: VaultKvDescription, environment: string): BodyStore {
  const client = createVaultClient(description, description.login);
  const folder = BODY_PREFIX.path(environment).replace(/\/$/, '');
  const data = `${description.mount}/data/${folder}`;
  const metadata = `${description.mount}/metadata/${folder}`;
  return {
    maxBytes: BODY_LIMITS['vault-kv'],
    put: (recordId, body, signal) => asStore(create(client, `${data}/${recordId}`, body, signal)),
    get: (recordId, version, signal) => asStore(read(client, `${data}/${recordId}`, version, signal)),
    destroy: (recordId, signal) => asStore(remove(client, `${metadata}/${recordId}`, signal)),
    list: (_after, signal) => asStore(list(client, metadata, signal)),
  };
}

async function create(client: VaultClient, path: string, body: Uint8Array, signal: AbortSignal): Promise<string> {
  const entry = { options: { cas: 0 }, data: { body: Buffer.from(body).toString('base64') } };
  const response = await client.send({ method: 'POST', path, body: jsonBody(entry) }, signal);
  if (response.status === 200) {
    requireKept(response);
    return versionOf(memberOf(response, 'data', 'version'));
  }
  if (response.status !== 400 || !response.body.includes(EXISTS)) throw statusFailure(VAULT_SERVICE, response.status);
  // an attempt before this one may have stored it, although no response came
  return (response.attempts ?? 1) > 1 ? '1' : refuseExisting();
}

/** An engine or a path can have a time after which it deletes versions by itself: records would be lost. */
function requireKept(response: RemoteResponse): void {
  if (memberOf(response, 'data', 'deletion_time') === '') return;
  throw new VaultError('Misconfigured', 'body store: expected an engine without delete_version_after, got another');
}

function versionOf(version: unknown): string {
  const text = String(version);
  if (typeof version === 'number' && VERSION.test(text)) return text;
  throw shapeFailure(VAULT_SERVICE, 'a version');
}

async function read(
  client: VaultClient,
  path: string,
  version: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  if (!VERSION.test(version)) return undefined;
  const request = { method: 'GET', path: `${path}?version=${version}`, maxBytes: ENTRY_RESPONSE_BYTES } as const;
  const response = await client.send(request, signal);
  // missing, deleted or destroyed
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw statusFailure(VAULT_SERVICE, response.status);
  if (memberOf(response, 'data', 'metadata', 'version') !== Number(version)) {
    throw shapeFailure(VAULT_SERVICE, 'the requested version');
  }
  return bytesOf(textAt(response, VAULT_SERVICE, 'data', 'data', 'body'), VAULT_SERVICE);
}

async function remove(client: VaultClient, path: string, signal: AbortSignal): Promise<void> {
  const { status } = await client.send({ method: 'DELETE', path }, signal);
  if (status !== 204 && status !== 200 && status !== 404) throw statusFailure(VAULT_SERVICE, status);
}

/** Vault has no pages: it lists all names at once. */
async function list(client: VaultClient, folder: string, signal: AbortSignal): Promise<BodyPage> {
  const request = { method: 'GET', path: `${folder}?list=true`, maxBytes: MAX_LIST_BYTES } as const;
  const response = await client.send(request, signal);
  if (response.status === 404) return { recordIds: [] };
  if (response.status !== 200) throw statusFailure(VAULT_SERVICE, response.status);
  return { recordIds: listAt(response, VAULT_SERVICE, 'data', 'keys').flatMap((key) => recordIdIn(key, '') ?? []) };
}
