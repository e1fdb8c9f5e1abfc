import { keyMemory, wipe } from '../../contract/bytes';
import { VaultError } from '../../contract/errors';
import { MAX_WRAPPED_KEY_BYTES } from '../../contract/limits';
import { decodeBytes, encodeBytes } from '../../remote/base64';
import { crc32c } from '../../remote/crc';
import { shapeFailure, statusFailure } from '../../remote/failure';
import { GOOGLE_SERVICE } from '../../remote/google-token';
import { jsonMembers } from '../../remote/json-members';
import type { RemoteResponse } from '../../remote/request';
import { sendRemote } from '../../remote/retry';
import { type TokenCache, sendWithToken } from '../../remote/token-cache';
import { takeMember } from '../blank-member';

/** One key of Google Cloud KMS, as its REST API offers it, with the checks of integrity that Google advises. */
export interface GoogleKeyClient {
  /** Returns the ciphertext of a plaintext, which stays the caller's to wipe. Throws as `KeyProvider`. */
  encrypt(plaintext: Uint8Array, additionalData: Buffer, signal: AbortSignal): Promise<Buffer>;
  /** Returns the plaintext, the caller's to wipe. Throws as `KeyProvider`. */
  decrypt(ciphertext: Uint8Array, additionalData: Buffer, signal: AbortSignal): Promise<Buffer>;
}

const KMS_URL = 'https://cloudkms.googleapis.com';
const ADDITIONAL_DATA = 'additionalAuthenticatedData';
const VERSION = /^\/cryptoKeyVersions\/[1-9]\d{0,9}$/;

/** @param key the key's resource name, without a version */
export function createGoogleKeyClient(key: string, tokens: TokenCache, kmsUrl = KMS_URL): GoogleKeyClient {
  const send = (operation: 'encrypt' | 'decrypt', body: Buffer, signal: AbortSignal): Promise<RemoteResponse> => {
    const url = new URL(`/v1/${key}:${operation}`, kmsUrl);
    const request = (token: string): Promise<RemoteResponse> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return sendRemote({ service: GOOGLE_SERVICE, method: 'POST', url, headers, body }, signal);
    };
    return sendWithToken(tokens, signal, request, ({ status }) => status === 401);
  };
  return {
    encrypt: async (plaintext, additionalData, signal) => {
      const body = encryptBody(plaintext, additionalData);
      try {
        return readCiphertext(await send('encrypt', body, signal), key);
      } finally {
        wipe(body);
      }
    },
    decrypt: async (ciphertext, additionalData, signal) => {
      const body = Buffer.from(`{${checked('ciphertext', ciphertext)},${checked(ADDITIONAL_DATA, additionalData)}}`);
      const response = await send('decrypt', body, signal);
      try {
        return readPlaintext(response);
      } finally {
        wipe(response.body);
      }
    },
  };
}

/** The plaintext as bytes in memory of their own: a string of it can't be wiped. */
function encryptBody(plaintext: Uint8Array, additionalData: Buffer): Buffer {
  const start = `{${checked(ADDITIONAL_DATA, additionalData)},"plaintextCrc32c":"${crc32c(plaintext)}","plaintext":"`;
  const parts = [Buffer.from(start), encodeBytes(plaintext, 'base64'), Buffer.from('"}')];
  const body = keyMemory(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) offset += part.copy(body, offset);
  wipe(...parts);
  return body;
}

/** Returns two members: bytes that are not secret, in base64, and their CRC-32C. */
function checked(name: string, bytes: Uint8Array): string {
  return `"${name}Crc32c":"${crc32c(bytes)}","${name}":"${Buffer.from(bytes).toString('base64')}"`;
}

function readCiphertext({ status, body }: RemoteResponse, key: string): Buffer {
  if (status !== 200) throw failure(status, body, 'KeyUnavailable');
  const members = jsonMembers(body);
  if (typeof members.name !== 'string') throw shapeFailure(GOOGLE_SERVICE, 'the name of a key');
  requireKey(members.name, key);
  // without them, Google did not look at the sums that were sent
  if (members.verifiedPlaintextCrc32c !== true || members.verifiedAdditionalAuthenticatedDataCrc32c !== true) {
    throw shapeFailure(GOOGLE_SERVICE, 'verified checksums');
  }
  const text = typeof members.ciphertext === 'string' ? members.ciphertext : '';
  const ciphertext = decodeBytes(Buffer.from(text), 'base64');
  if (ciphertext === undefined || ciphertext.length === 0 || ciphertext.length > MAX_WRAPPED_KEY_BYTES) {
    throw shapeFailure(GOOGLE_SERVICE, `a ciphertext of 1 to ${MAX_WRAPPED_KEY_BYTES} bytes`);
  }
  requireChecksum(members.ciphertextCrc32c, ciphertext);
  return ciphertext;
}

function requireKey(name: string, key: string): void {
  if (name.startsWith(key) && VERSION.test(name.slice(key.length))) return;
  throw new VaultError('KeyUnavailable', 'expected a response of the configured key, got another');
}

function requireChecksum(sum: unknown, bytes: Uint8Array): void {
  if (sum !== String(crc32c(bytes))) throw shapeFailure(GOOGLE_SERVICE, 'bytes with their checksum');
}

/** Blanks the plaintext in the body. */
function readPlaintext({ status, body }: RemoteResponse): Buffer {
  if (status !== 200) throw failure(status, body, 'ContextMismatch');
  const plaintext = takeMember(body, 'plaintext', (text) => {
    const bytes = decodeBytes(text, 'base64');
    if (bytes === undefined) throw shapeFailure(GOOGLE_SERVICE, 'base64');
    return bytes;
  });
  if (plaintext === undefined) throw shapeFailure(GOOGLE_SERVICE, 'a plaintext');
  try {
    requireChecksum(jsonMembers(body).plaintextCrc32c, plaintext);
    return plaintext;
  } catch (error) {
    wipe(plaintext);
    throw error;
  }
}

/**
 * Maps a refusal by its `status` (https://cloud.google.com/apis/design/errors). Reads it from the bytes, because a string
 * of the response could hold what it quotes.
 *
 * @param invalid the code of `INVALID_ARGUMENT`: a ciphertext that does not open, or a request that Google doesn't take
 */
function failure(status: number, body: Buffer, invalid: 'ContextMismatch' | 'KeyUnavailable'): VaultError {
  // the bytes changed on their way to Google
  const corrupt = body.includes('checksum');
  const named = takeMember(body, 'status', (text) => Buffer.from(text))?.toString('latin1');
  wipe(body);
  if (status !== 400 || named !== 'INVALID_ARGUMENT') return statusFailure(GOOGLE_SERVICE, status);
  if (corrupt) return shapeFailure(GOOGLE_SERVICE, 'verified checksums');
  return new VaultError(invalid, 'expected google to take the request for this key and context, got a refusal');
}
