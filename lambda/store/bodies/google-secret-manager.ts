import { BODY_LIMITS, BODY_PREFIX, type BodyStoreDescription } from '../../contract/elsewhere';
import { VaultError } from '../../contract/errors';
import { crc32c } from '../../remote/crc';
import { shapeFailure, statusFailure } from '../../remote/failure';
import { GOOGLE_SERVICE, createGoogleTokens } from '../../remote/google-token';
import type { RemoteRequest, RemoteResponse } from '../../remote/request';
import { sendRemote } from '../../remote/retry';
import { sendWithToken } from '../../remote/token-cache';
import type { BodyPage, BodyStore } from './body-store';
import { asStore, bytesOf, childOf, jsonBody, listAt, memberOf, recordIdIn, refuseExisting, textAt } from './service';

export type GoogleSecretManagerDescription = Extract<BodyStoreDescription, { readonly type: 'google-secret-manager' }>;

const URL_OF_SERVICE = 'https://secretmanager.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const DAY_MS = 86_400_000;
/** A response with the longest value in base64, or with a page of secrets. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
const PAGE = 1_000;
const VERSION = /^[1-9]\d{0,8}$/;
/** Versions that are disabled: more than all attempts of one creation make. */
const MAX_VERSIONS = 10;

/** Sends a request below the project; a path begins with `/secrets`. */
type Send = (
  method: RemoteRequest['method'],
  path: string,
  body: Buffer | undefined,
  signal: AbortSignal,
) => Promise<RemoteResponse>;

/**
 * Bodies in Google Secret Manager: one secret a record, with one version. Without a delay, destroying it deletes the
 * secret with every version. With one, its versions are disabled, so that nobody can read them, and the secret gets the
 * time at which Google deletes it.
 */
export function createGoogleSecretManagerBodies(
  description: GoogleSecretManagerDescription,
  environment: string,
  serviceUrl = URL_OF_SERVICE,
  stsUrl?: string,
): BodyStore {
  const { project, destroyDelayDays } = description;
  const prefix = BODY_PREFIX.dashed(environment);
  const tokens = createGoogleTokens(description, SCOPE, stsUrl);
  const send: Send = (method, path, body, signal) => {
    const url = new URL(`/v1/projects/${project}${path}`, serviceUrl);
    const request = (token: string): Promise<RemoteResponse> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const maxBytes = MAX_RESPONSE_BYTES;
      return sendRemote({ service: GOOGLE_SERVICE, method, url, headers, body, maxBytes }, signal);
    };
    return sendWithToken(tokens, signal, request, ({ status }) => status === 401);
  };
  const remove = destroyDelayDays === 0 ? deleteNow : deleteIn(destroyDelayDays);
  return {
    maxBytes: BODY_LIMITS['google-secret-manager'],
    put: (recordId, body, signal) => asStore(create(send, `${prefix}${recordId}`, body, signal)),
    get: (recordId, version, signal) => asStore(read(send, `${prefix}${recordId}`, version, signal)),
    destroy: (recordId, signal) => asStore(remove(send, `/secrets/${prefix}${recordId}`, signal)),
    list: (after, signal) => asStore(list(send, prefix, after, signal)),
  };
}

async function create(send: Send, name: string, body: Uint8Array, signal: AbortSignal): Promise<string> {
  const secret = jsonBody({ replication: { automatic: {} } });
  const created = await send('POST', `/secrets?secretId=${name}`, secret, signal);
  // an attempt before this one may have made it, although no response came
  if (created.status === 409 && (created.attempts ?? 1) === 1) return refuseExisting();
  if (created.status !== 200 && created.status !== 409) throw failureOf(created);

  const payload = { data: Buffer.from(body).toString('base64'), dataCrc32c: String(crc32c(body)) };
  const added = await send('POST', `/secrets/${name}:addVersion`, jsonBody({ payload }), signal);
  if (added.status !== 200) throw failureOf(added);
  // without it, Google did not look at the sum that was sent
  if (memberOf(added, 'clientSpecifiedPayloadChecksum') !== true) {
    throw shapeFailure(GOOGLE_SERVICE, 'a verified checksum');
  }
  return versionOf(textAt(added, GOOGLE_SERVICE, 'name'), name);
}

/** `projects/NUMBER/secrets/NAME/versions/VERSION` */
function versionOf(resource: string, secret: string): string {
  const [, , , name, , version = ''] = resource.split('/');
  if (name === secret && VERSION.test(version)) return version;
  throw shapeFailure(GOOGLE_SERVICE, 'a version of the secret');
}

async function read(send: Send, name: string, version: string, signal: AbortSignal): Promise<Buffer | undefined> {
  if (!VERSION.test(version)) return undefined;
  const response = await send('GET', `/secrets/${name}/versions/${version}:access`, undefined, signal);
  if (response.status === 404 || isDestroyed(response)) return undefined;
  if (response.status !== 200) throw failureOf(response);
  if (versionOf(textAt(response, GOOGLE_SERVICE, 'name'), name) !== version) {
    throw shapeFailure(GOOGLE_SERVICE, 'the requested version');
  }
  const body = bytesOf(textAt(response, GOOGLE_SERVICE, 'payload', 'data'), GOOGLE_SERVICE);
  if (memberOf(response, 'payload', 'dataCrc32c') === String(crc32c(body))) return body;
  throw shapeFailure(GOOGLE_SERVICE, 'bytes with their checksum');
}

/** A version that is disabled or destroyed. */
function isDestroyed(response: RemoteResponse): boolean {
  return response.status === 400 && memberOf(response, 'error', 'status') === 'FAILED_PRECONDITION';
}

async function deleteNow(send: Send, path: string, signal: AbortSignal): Promise<void> {
  const response = await send('DELETE', path, undefined, signal);
  if (response.status !== 200 && response.status !== 404) throw failureOf(response);
}

const deleteIn =
  (days: number) =>
  async (send: Send, path: string, signal: AbortSignal): Promise<void> => {
    const found = await send('GET', path, undefined, signal);
    if (found.status === 404) return;
    if (found.status !== 200) throw failureOf(found);
    await disableVersions(send, path, signal);
    // a repeated destruction must not move the end
    if (memberOf(found, 'expireTime') !== undefined) return;
    const expireTime = new Date(Date.now() + days * DAY_MS).toISOString();
    const response = await send('PATCH', `${path}?updateMask=expireTime`, jsonBody({ expireTime }), signal);
    if (response.status !== 200 && response.status !== 404) throw failureOf(response);
  };

/** A repeated creation leaves a version for each attempt. */
async function disableVersions(send: Send, path: string, signal: AbortSignal): Promise<void> {
  for (let version = 1; version <= MAX_VERSIONS; version += 1) {
    const response = await send('POST', `${path}/versions/${version}:disable`, jsonBody({}), signal);
    if (response.status === 404) return;
    if (response.status !== 200 && !isDestroyed(response)) throw failureOf(response);
  }
}

async function list(send: Send, prefix: string, after: string | undefined, signal: AbortSignal): Promise<BodyPage> {
  const query = new URLSearchParams({ pageSize: String(PAGE), filter: `name:${prefix}` });
  if (after !== undefined) query.set('pageToken', after);
  const response = await send('GET', `/secrets?${query.toString()}`, undefined, signal);
  if (response.status !== 200) throw failureOf(response);
  const next = memberOf(response, 'nextPageToken');
  return {
    recordIds: listAt(response, GOOGLE_SERVICE, 'secrets').flatMap((secret) => idOf(secret, prefix) ?? []),
    ...(typeof next === 'string' && next !== '' && { next }),
  };
}

/** Returns nothing for a secret that was given its end. */
function idOf(secret: unknown, prefix: string): string | undefined {
  const name = childOf(secret, 'name');
  if (childOf(secret, 'expireTime') !== undefined) return undefined;
  return recordIdIn(typeof name === 'string' ? name.split('/')[3] : undefined, prefix);
}

/** Google has one status for a rate and for a quota of secrets: both end, unlike the vault's own limit. */
function failureOf(response: RemoteResponse): VaultError {
  return statusFailure(GOOGLE_SERVICE, response.status);
}
