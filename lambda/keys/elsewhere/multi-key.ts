import { wipe } from '../../contract/bytes';
import { MAX_DATA_KEYS } from '../../contract/limits';
import { VaultError } from '../../contract/errors';
import { deadlineIn, remainingMs } from '../../invocation/deadline';
import { waitForAll } from '../../invocation/settle';
import type { EncryptionContext, WrappedDataKey } from '../../message';
import type { KeyProvider, NewDataKey, OtherKey, Wrapper } from '../provider';

export interface MultiKeyOptions {
  /** makes the data keys, and opens */
  readonly first: KeyProvider;
  /** further keys that each message is wrapped to, in the order in which they are tried */
  readonly others: readonly OtherKey[];
  readonly recovery: readonly Wrapper[];
  /** whether a message is opened with the next key if the first one fails */
  readonly openWithOthers: boolean;
}

/** Failures of a key or of the way to it. Another key may open the message; a changed message no key may open. */
const TRY_NEXT = ['KeyUnavailable', 'KeyThrottled', 'KeyUnreachable', 'KeyTimeout'];

/**
 * One key for messages that several keys can open. Seals under all of its keys or not at all. Throws `Misconfigured` for
 * more keys than a message can have.
 */
export function createMultiKey({ first, others, recovery, openWithOthers }: MultiKeyOptions): KeyProvider {
  const wrappers = [...others, ...recovery];
  if (wrappers.length >= MAX_DATA_KEYS) {
    throw new VaultError('Misconfigured', `expected at most ${MAX_DATA_KEYS} keys, got ${wrappers.length + 1}`);
  }
  const openers = openWithOthers ? [first, ...others] : [first];
  return {
    providerId: first.providerId,
    keyId: first.keyId,
    wrapNewDataKey: (context, signal) => wrapNew(first, wrappers, context, signal),
    unwrapDataKey: (candidates, context, signal) => unwrap(openers, candidates, context, signal),
  };
}

async function wrapNew(
  first: KeyProvider,
  wrappers: readonly Wrapper[],
  context: EncryptionContext,
  signal: AbortSignal,
): Promise<NewDataKey> {
  const { plaintext, wrapped, materialId } = await first.wrapNewDataKey(context, signal);
  try {
    const more = await waitForAll(wrappers.map((wrapper) => wrapper.wrapDataKey(plaintext, context, signal)));
    return { plaintext, wrapped: [...wrapped, ...more], materialId };
  } catch (error) {
    wipe(plaintext);
    throw error;
  }
}

/** If no key opens, throws the first failure that may pass, else the first one. */
async function unwrap(
  keys: readonly KeyProvider[],
  candidates: readonly WrappedDataKey[],
  context: EncryptionContext,
  signal: AbortSignal,
): Promise<Buffer> {
  const failures: VaultError[] = [];
  for (const [index, key] of keys.entries()) {
    const isLast = index === keys.length - 1;
    try {
      return await key.unwrapDataKey(candidates, context, isLast ? signal : halfOf(signal));
    } catch (error) {
      if (!(error instanceof VaultError) || !TRY_NEXT.includes(error.name)) throw error;
      failures.push(error);
      if (signal.aborted) break;
    }
  }
  const [first = new VaultError('KeyUnavailable', 'expected a key to open with, got none')] = failures;
  throw failures.find(({ name }) => name !== 'KeyUnavailable') ?? first;
}

/** A signal that aborts after half of the time left, or with the given one. */
function halfOf(signal: AbortSignal): AbortSignal {
  const left = remainingMs(signal);
  return Number.isFinite(left) ? deadlineIn(left / 2, signal).signal : signal;
}
