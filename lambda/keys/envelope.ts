import { wipe } from '../contract/bytes';
import type { KeyProvider } from './provider';
import { type EncryptionContext, openMessage, parseMessage, requireContext, writeMessage } from '../message';

export interface Sealed {
  readonly message: Buffer;
  /** as `NewDataKey` has it */
  readonly materialId: string;
}

/** Seals one material under a fresh data key: one call of each key. The material stays the caller's to wipe. */
export async function sealBytes(
  material: Uint8Array,
  context: EncryptionContext,
  key: KeyProvider,
  signal: AbortSignal,
): Promise<Sealed> {
  const { plaintext: dataKey, wrapped, materialId } = await key.wrapNewDataKey(context, signal);
  try {
    return { message: writeMessage({ plaintext: material, dataKey, wrapped, context }), materialId };
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

/** Returns the material of a record's data keys; '' if they differ, as on both sides of a rotation. */
export function materialOfAll(sealed: readonly Pick<Sealed, 'materialId'>[]): string {
  const [first, ...more] = new Set(sealed.map(({ materialId }) => materialId));
  return more.length === 0 ? (first ?? '') : '';
}
