import { wipe } from '../contract/bytes';
import { stoppable } from '../invocation/deadline';
import { valueIfAny, valueOf, whileWaiting } from '../invocation/settle';
import type { KeyProvider, NewDataKey } from './provider';
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
  return sealUnder(await key.wrapNewDataKey(context, signal), material, context);
}

/**
 * Seals a material that is yet to be opened, under a data key that is made meanwhile: both take a call of a key, and
 * neither needs the other's result. Wipes the material. If opening fails, throws its failure: no data key is asked for if
 * that needed no call of a service, and the call for one is aborted otherwise.
 */
export async function sealOpening(
  open: () => Promise<Buffer>,
  context: EncryptionContext,
  key: KeyProvider,
  signal: AbortSignal,
): Promise<Sealed> {
  const refused = stoppable(signal);
  const opening = open().catch((error: unknown) => {
    refused.stop();
    throw error;
  });
  const making = whileWaiting(() => {
    // once the time is up, the key reports that by its own error
    if (!signal.aborted) refused.signal.throwIfAborted();
    return key.wrapNewDataKey(context, refused.signal);
  });
  const [opened, made] = await Promise.allSettled([opening, making]).finally(refused.release);
  try {
    const material = valueOf(opened);
    return sealUnder(valueOf(made), material, context);
  } finally {
    wipe(valueIfAny(opened), valueIfAny(made)?.plaintext);
  }
}

/** Wipes the data key. */
function sealUnder(
  { plaintext: dataKey, wrapped, materialId }: NewDataKey,
  material: Uint8Array,
  context: EncryptionContext,
): Sealed {
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
    return openMessage(message, dataKey, context);
  } finally {
    wipe(dataKey);
  }
}

/** Returns the material of a record's data keys; '' if they differ, as on both sides of a rotation. */
export function materialOfAll(sealed: readonly Pick<Sealed, 'materialId'>[]): string {
  const [first, ...more] = new Set(sealed.map(({ materialId }) => materialId));
  return more.length === 0 ? (first ?? '') : '';
}
