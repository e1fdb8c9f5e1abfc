import { keyMemory, wipe } from '../../contract/bytes';
import type { AzureLogin } from '../../contract/elsewhere';
import { VaultError } from '../../contract/errors';
import { type AzureResource, createAzureTokens } from '../../remote/azure-token';
import { decodeBytes, encodeBytes } from '../../remote/base64';
import { shapeFailure, statusFailure } from '../../remote/failure';
import { jsonMembers } from '../../remote/json-members';
import { sendRemote } from '../../remote/retry';
import { sendWithToken } from '../../remote/token-cache';
import { takeMember } from '../blank-member';

const SERVICE = 'azure';
const API_VERSION = '7.6';

export interface KeyOperation {
  /** versioned id of the key */
  readonly key: string;
  readonly operation: 'wrapkey' | 'unwrapkey' | 'encrypt' | 'decrypt';
  readonly algorithm: 'RSA-OAEP-256' | 'A256GCM';
  /** the caller's to wipe */
  readonly value: Uint8Array;
  /** further members, not secret */
  readonly members?: Readonly<Partial<Record<'aad' | 'iv' | 'tag', Uint8Array>>>;
}

export interface KeyOperationResult {
  /** the caller's to wipe if it holds a data key */
  readonly value: Buffer;
  /** Returns a further member's bytes. Throws `KeyUnreachable` if the response has none. */
  readonly member: (name: 'iv' | 'tag') => Buffer;
}

export type PerformOperation = (request: KeyOperation, signal: AbortSignal) => Promise<KeyOperationResult>;

/**
 * Returns a function that performs operations with an application's keys, by
 * https://learn.microsoft.com/rest/api/keyvault/keys. It throws as `KeyProvider`: `ContextMismatch` for an opening that
 * the service refuses with 400, `KeyUnavailable` for a response of another key. A token that is refused once is renewed.
 */
export function createOperations(login: AzureLogin, resource: AzureResource): PerformOperation {
  const tokens = createAzureTokens(login, resource);
  return async (request, signal) => {
    const body = encodeBody(request);
    try {
      const url = new URL(`${request.key}/${request.operation}?api-version=${API_VERSION}`);
      const send = (token: string) => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
        return sendRemote({ service: SERVICE, method: 'POST', url, headers, body }, signal);
      };
      const response = await sendWithToken(tokens, signal, send, ({ status }) => status === 401);
      try {
        if (response.status === 200) return readResult(response.body, request.key);
        throw refusal(response.status, request.operation);
      } finally {
        wipe(response.body);
      }
    } finally {
      wipe(body);
    }
  };
}

/** Azure has one status for another key's ciphertext, other additional data, and a request that is wrong itself. */
function refusal(status: number, operation: KeyOperation['operation']): VaultError {
  if (status !== 400 || operation === 'wrapkey' || operation === 'encrypt') return statusFailure(SERVICE, status);
  return new VaultError('ContextMismatch', 'expected a ciphertext of this key and context, got another');
}

/** Builds the JSON as bytes if the value is secret: a string of it could not be wiped. */
function encodeBody({ operation, algorithm, value, members = {} }: KeyOperation): Buffer {
  const others = Object.entries(members).map(
    ([name, bytes]) => `"${name}":"${Buffer.from(bytes).toString('base64url')}",`,
  );
  const before = `{"alg":"${algorithm}",${others.join('')}"value":"`;
  if (operation === 'unwrapkey' || operation === 'decrypt') {
    return Buffer.from(`${before}${Buffer.from(value).toString('base64url')}"}`);
  }
  const start = Buffer.from(before);
  const encoded = encodeBytes(value, 'base64url');
  const end = Buffer.from('"}');
  const body = keyMemory(start.length + encoded.length + end.length);
  let at = 0;
  for (const part of [start, encoded, end]) at += part.copy(body, at);
  wipe(encoded);
  return body;
}

/** The value is taken out as bytes before the rest is parsed. */
function readResult(body: Buffer, key: string): KeyOperationResult {
  const value = takeMember(body, 'value', (text) => decodeBytes(text, 'base64url') ?? Buffer.alloc(0));
  try {
    const members = jsonMembers(body);
    if (value === undefined || value.length === 0) throw shapeFailure(SERVICE, 'a value');
    if (typeof members.kid !== 'string' || members.kid.toLowerCase() !== key.toLowerCase()) {
      throw new VaultError('KeyUnavailable', 'expected a response of the requested key, got one of another');
    }
    return { value, member: (name) => requireBytes(members[name], name) };
  } catch (error) {
    wipe(value);
    throw error;
  }
}

function requireBytes(text: unknown, name: string): Buffer {
  const bytes = typeof text === 'string' ? decodeBytes(Buffer.from(text), 'base64url') : undefined;
  if (bytes === undefined) throw shapeFailure(SERVICE, `a value of ${name}`);
  return bytes;
}
