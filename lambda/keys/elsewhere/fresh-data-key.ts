import { randomFillSync } from 'node:crypto';
import { keyMemory, wipe } from '../../contract/bytes';
import { GCM } from '../../contract/limits';
import type { WrappedDataKey } from '../../message';
import type { NewDataKey } from '../provider';

/**
 * Makes a data key and wraps it: for keys that can wrap but make none. The caller wipes the plaintext, which is wiped here
 * only if wrapping fails.
 */
export async function wrapFreshDataKey(wrapDataKey: (dataKey: Buffer) => Promise<WrappedDataKey>): Promise<NewDataKey> {
  const plaintext = randomFillSync(keyMemory(GCM.keyBytes));
  try {
    return { plaintext, wrapped: [await wrapDataKey(plaintext)], materialId: '' };
  } catch (error) {
    wipe(plaintext);
    throw error;
  }
}
