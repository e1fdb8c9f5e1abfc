import { randomBytes } from 'node:crypto';
import { wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import type { RsaKey } from '../keys/provider';
import { GCM } from '../contract/limits';

const SKIPPED_CODES: ReadonlySet<string> = new Set(['TransportRejected', 'KeyUnavailable']);

/**
 * Opens a content key under the first of the candidates that can; the caller wipes it. Where none can, or where what
 * opens has another length, the response is a random key, under which the ciphertext then fails as it does under any
 * wrong key (RFC 7516, 11.5): nobody learns which step it was. A key that is not to be had (`KeyUnavailable`) is passed
 * over, and told of where no other one opened. Other failures of the keeper (`KeyThrottled`, `KeyTimeout`, …) pass
 * through, and end the search: another try may find that key the right one.
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

/** Why this key did not open the ciphertext, where another one may. */
async function tryOpen(key: RsaKey, wrapped: Uint8Array, signal: AbortSignal): Promise<Buffer | VaultError> {
  try {
    return await key.open(wrapped, signal);
  } catch (error) {
    if (error instanceof VaultError && SKIPPED_CODES.has(error.name)) return error;
    throw error;
  }
}
