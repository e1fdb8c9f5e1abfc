import { setTimeout as sleep } from 'node:timers/promises';
import { BODY_LIMITS, BODY_PREFIX, type BodyStoreDescription } from '../../contract/elsewhere';
import { VaultError } from '../../contract/errors';
import { endpointOf, region, signedHeaders } from '../../remote/aws';
import { shapeFailure, statusFailure } from '../../remote/failure';
import type { RemoteResponse } from '../../remote/request';
import { sendRemote } from '../../remote/retry';
import { ENTRY_RESPONSE_BYTES, type BodyPage, type BodyStore } from './body-store';
import { asStore, bytesOf, childOf, jsonBody, listAt, memberOf, recordIdIn, refuseExisting, textAt } from './service';

export type SecretsManagerDescription = Extract<BodyStoreDescription, { readonly type: 'secrets-manager' }>;

const SERVICE = 'secrets manager';
const PAGE = 100;
/** A page of secrets with 50 tags each, which an organisation may add. */
const LIST_BYTES = 4 * 1024 * 1024;
/** Attempts while AWS throttles, which it says by status 400: the first included. */
const MAX_THROTTLED_ATTEMPTS = 4;
const THROTTLED_BACKOFF_MS = 100;

const THROTTLED = /Throttling|TooManyRequests|RequestLimitExceeded/;
/** Of an entry that was deleted, or is scheduled for it. */
const GONE = ['ResourceNotFoundException', 'InvalidRequestException'];

/**
 * Bodies in AWS Secrets Manager: one secret a record, whose only version has the record's id. Deletion is scheduled for
 * the end of the recovery window, during which nobody can read the value.
 */
export function createSecretsManagerBodies(
  { storageKey, recoveryDays }: SecretsManagerDescription,
  environment: string,
): BodyStore {
  const prefix = BODY_PREFIX.path(environment);
  const deletion = recoveryDays === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: recoveryDays };
  return {
    maxBytes: BODY_LIMITS['secrets-manager'],
    put: (recordId, body, signal) => asStore(create(`${prefix}${recordId}`, recordId, body, storageKey, signal)),
    get: (recordId, version, signal) => asStore(read(`${prefix}${recordId}`, version, signal)),
    destroy: (recordId, signal) => asStore(remove({ SecretId: `${prefix}${recordId}`, ...deletion }, signal)),
    list: (after, signal) => asStore(list(prefix, after, signal)),
  };
}

/** A request that AWS got before, with the same token and value, changes nothing. */
async function create(
  Name: string,
  ClientRequestToken: string,
  body: Uint8Array,
  KmsKeyId: string,
  signal: AbortSignal,
): Promise<string> {
  const SecretBinary = Buffer.from(body).toString('base64');
  const input = { Name, ClientRequestToken, KmsKeyId, SecretBinary };
  const response = await call('CreateSecret', input, signal);
  if (response.status === 200) return textAt(response, SERVICE, 'VersionId');
  const problem = problemOf(response);
  if (problem === 'LimitExceededException') {
    throw new VaultError('StoreFull', "expected room in the account's quota of secrets, got none");
  }
  if (problem !== 'ResourceExistsException') throw failureOf(response);
  // an attempt before this one may have stored it, although no response came
  return response.attempts > 1 ? ClientRequestToken : refuseExisting();
}

async function read(SecretId: string, VersionId: string, signal: AbortSignal): Promise<Buffer | undefined> {
  const response = await call('GetSecretValue', { SecretId, VersionId }, signal);
  if (GONE.includes(problemOf(response))) return undefined;
  if (response.status !== 200) throw failureOf(response);
  if (memberOf(response, 'VersionId') !== VersionId) throw shapeFailure(SERVICE, 'the requested version');
  return bytesOf(textAt(response, SERVICE, 'SecretBinary'), SERVICE);
}

async function remove(input: object, signal: AbortSignal): Promise<void> {
  const response = await call('DeleteSecret', input, signal);
  if (response.status !== 200 && !GONE.includes(problemOf(response))) throw failureOf(response);
}

async function list(prefix: string, NextToken: string | undefined, signal: AbortSignal): Promise<BodyPage> {
  const Filters = [{ Key: 'name', Values: [prefix] }];
  const input = { Filters, MaxResults: PAGE, ...(NextToken !== undefined && { NextToken }) };
  const response = await call('ListSecrets', input, signal, LIST_BYTES);
  if (response.status !== 200) throw failureOf(response);
  const next = memberOf(response, 'NextToken');
  return {
    recordIds: listAt(response, SERVICE, 'SecretList').flatMap(
      (secret) => recordIdIn(childOf(secret, 'Name'), prefix) ?? [],
    ),
    ...(typeof next === 'string' && { next }),
  };
}

type CountedResponse = RemoteResponse & { readonly attempts: number };

/** Sends one call of the AWS JSON protocol. */
async function call(
  operation: string,
  input: object,
  signal: AbortSignal,
  maxBytes = ENTRY_RESPONSE_BYTES,
): Promise<CountedResponse> {
  const url = endpointOf('secretsmanager');
  const body = jsonBody(input);
  const target = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `secretsmanager.${operation}` };
  let attempts = 0;
  for (let round = 1; ; round += 1) {
    const signed = { service: 'secretsmanager', region: region(), url, headers: target, body } as const;
    const headers = await signedHeaders(signed);
    const request = { service: SERVICE, method: 'POST', url, headers, body, viaProxy: false } as const;
    const response = await sendRemote({ ...request, maxBytes }, signal);
    attempts += response.attempts ?? 1;
    const throttled = response.status === 400 && THROTTLED.test(problemOf(response));
    if (!throttled || round === MAX_THROTTLED_ATTEMPTS) return { ...response, attempts };
    await sleep(THROTTLED_BACKOFF_MS * 2 ** round * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {
      throw statusFailure(SERVICE, 429);
    });
  }
}

/** The name of the error, without its namespace; empty for a success. */
function problemOf(response: RemoteResponse): string {
  const type = response.status === 200 ? '' : memberOf(response, '__type');
  return typeof type === 'string' ? type.slice(type.lastIndexOf('#') + 1) : '';
}

/** Names the error, never its message, which quotes names. */
function failureOf(response: RemoteResponse): VaultError {
  const problem = problemOf(response);
  if (!/^[A-Za-z]{1,64}$/.test(problem)) return statusFailure(SERVICE, response.status);
  return new VaultError('StoreUnavailable', `expected ${SERVICE} to do as asked, got ${problem}`);
}
