import { type WrappedDataKey, parseMessage } from '../message';
import type { KeyProvider } from './provider';

/**
 * Combines the share key, which makes all new data keys, with keys that only open: retiring share keys, and the next one
 * before it becomes the share key. A message chooses among these keys and names no other: the key itself then compares
 * the exact name. A key that only opens comes first, so that a second description of the share key replaces the first.
 *
 * @param onRetiring called for each data key that another key than the share key unwrapped, with that key's id
 */
export function createShareKeys(
  shareKey: KeyProvider,
  opening: readonly KeyProvider[],
  onRetiring: (keyId: string) => void = () => undefined,
): KeyProvider {
  if (opening.length === 0) return shareKey;
  const all = [...opening, shareKey];
  return {
    providerId: shareKey.providerId,
    keyId: shareKey.keyId,
    wrapNewDataKey: (context, signal) => shareKey.wrapNewDataKey(context, signal),
    unwrapDataKey: async (candidates, context, signal) => {
      const key = all.find((each) => candidates.some((candidate) => isWrappedUnder(each, candidate))) ?? shareKey;
      const dataKey = await key.unwrapDataKey(candidates, context, signal);
      if (key.keyId !== shareKey.keyId) onRetiring(key.keyId);
      return dataKey;
    },
  };
}

/** Whether a message says that a key wrapped its data key. Throws `MessageCorrupt`. */
export function isSealedUnder(keyId: string, message: Uint8Array): boolean {
  return parseMessage(message).dataKeys.some((wrapped) => isNamed(keyId, wrapped));
}

function isWrappedUnder({ providerId, keyId }: KeyProvider, wrapped: WrappedDataKey): boolean {
  return wrapped.providerId === providerId && isNamed(keyId, wrapped);
}

/** Compares the names in bytes: some providers append a version to the name of the key. */
function isNamed(keyId: string, { providerInfo }: WrappedDataKey): boolean {
  const name = Buffer.from(providerInfo).toString('latin1');
  return name === keyId || name.startsWith(`${keyId}/`);
}
