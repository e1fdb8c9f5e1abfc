import { randomBytes } from 'node:crypto';
import { wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import type { RsaKey } from '../keys/provider';
import { GCM } from '../contract/limits';
import { type Sealed, openGcm } from './gcm';

const SKIPPED_CODES: ReadonlySet<string> = new Set(['TransportRejected', 'KeyUnavailable']);

/**
 * Decrypts what is encrypted under a wrapped content key, into memory that the caller wipes; throws as `openContentKey`,
 * and `TransportRejected` if the ciphertext is refused.
 */
export async function openUnder(
  wrapped: Uint8Array,
  candidates: readonly RsaKey[],
  sealed: Sealed,
  signal: AbortSignal,
): Promise<Buffer> {
  const contentKey = await openContentKey(wrapped, candidates, signal);
  try {
    return openGcm(contentKey, sealed);
  } finally {
    wipe(contentKey);
  }
}

/**
 * Opens a content key under the first candidate that can; the caller wipes it. If none can, or if the opened key has
 * another length, returns a random key: the ciphertext then fails as under any wrong key, so a sender can't learn the
 * failed step (RFC 7516, 11.5). An unavailable key (`KeyUnavailable`) is skipped, and reported if no other key opens the
 * content key. Other failures (`KeyThrottled`, `KeyTimeout`, …) end the search: a retry may find that this key is the
 * right one.
 */
export async function openContentKey(
  wrapped: Uint8Array,
  candidates: readonly RsaKey[],
  signal: AbortSignal,
): Promise<Buffer> {
  let unavailable: VaultError | undefined;
  for (const candidate of candidates) {
    const opened = await tryOpen(candidate, wrapped, signal);
    if (opened instanceof VaultError) {
      if (opened.name === 'KeyUnavailable') unavailable ??= opened;
      continue;
    }
    if (opened.length === GCM.keyBytes) return opened;
    wipe(opened);
    break;
  }
  if (unavailable !== undefined) throw unavailable;
  return randomBytes(GCM.keyBytes);
}

/** Returns the opened key, or the error after which another candidate may succeed. */
async function tryOpen(key: RsaKey, wrapped: Uint8Array, signal: AbortSignal): Promise<Buffer | VaultError> {
  try {
    return await key.open(wrapped, signal);
  } catch (error) {
    if (error instanceof VaultError && SKIPPED_CODES.has(error.name)) return error;
    throw error;
  }
}
