import { wipe } from '../contract/bytes';
import type { KeyProvider } from './provider';
import { type EncryptionContext, openMessage, parseMessage, requireContext, writeMessage } from '../message';

/** Seals one material under a fresh data key: one call of each key. The material stays the caller's to wipe. */
export async function sealBytes(
  material: Uint8Array,
  context: EncryptionContext,
  key: KeyProvider,
  signal: AbortSignal,
): Promise<Buffer> {
  const { plaintext: dataKey, wrapped } = await key.wrapNewDataKey(context, signal);
  try {
    return writeMessage({ plaintext: material, dataKey, wrapped, context });
  } finally {
    wipe(dataKey);
  }
}

/**
 * Opens one sealed material: one key call, made only for a message that says it is bound to this very context. The
 * caller wipes the result. Throws `MessageCorrupt`, `ContextMismatch`, and as `KeyProvider`.
 */
export async function openBytes(
  sealed: Uint8Array,
  context: EncryptionContext,
  key: KeyProvider,
  signal: AbortSignal,
): Promise<Buffer> {
  const message = parseMessage(sealed);
  requireContext(message, context);
  const dataKey = await key.unwrapDataKey(message.dataKeys, context, signal);
  try {
    return await openMessage(message, dataKey, context);
  } finally {
    wipe(dataKey);
  }
}
