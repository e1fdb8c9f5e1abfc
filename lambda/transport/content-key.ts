import { randomBytes } from 'node:crypto';
import { wipe } from '../bytes';
import { VaultError } from '../errors';
import type { RsaKey } from '../keys/provider';
import { CONTENT_KEY_BYTES } from './gcm';

/**
 * Opens a content key under the first of the candidates that can; the caller wipes it. Where none can, or where what
 * opens has another length, the answer is a random key, under which the ciphertext then fails as it does under any
 * wrong key (RFC 7516, 11.5): nobody learns which step it was. Failures of the keeper itself (`KeyThrottled`,
 * `KeyTimeout`, …) pass through, and end the search.
 */
export async function openContentKey(
  wrapped: Uint8Array,
  candidates: readonly RsaKey[],
  signal: AbortSignal,
): Promise<Buffer> {
  for (const candidate of candidates) {
    const opened = await tryOpen(candidate, wrapped, signal);
    if (opened?.length === CONTENT_KEY_BYTES) return opened;
    wipe(opened);
    if (opened !== undefined) break;
  }
  return randomBytes(CONTENT_KEY_BYTES);
}

/** `undefined` where the ciphertext does not open under this key. */
async function tryOpen(key: RsaKey, wrapped: Uint8Array, signal: AbortSignal): Promise<Buffer | undefined> {
  try {
    return await key.open(wrapped, signal);
  } catch (error) {
    if (error instanceof VaultError && error.name === 'TransportRejected') return undefined;
    throw error;
  }
}
