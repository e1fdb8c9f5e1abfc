import { wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import { FIELDS, MATERIALS, type MaterialName } from '../contract/kinds';
import type { ResealFailure } from '../contract/reseals';
import { type Sealed, materialOfAll, openBytes, sealBytes } from '../keys/envelope';
import { MisnamedKeyError } from '../keys/misnamed-key';
import { MissingDataKeyError } from '../keys/missing-data-key';
import type { KeyProvider } from '../keys/provider';
import { recordContext } from '../keys/record-context';
import { isSealedUnder } from '../keys/share-keys';
import { UnusableKeyError } from '../keys/unusable-key';
import type { Resealed, StaleRecord } from '../store/reseals';
import { asVaultError } from './failure';
import type { ResealParts } from './reseals';
import { waitForAll } from './settle';

type Keys = Pick<ResealParts, 'environment' | 'shareKey'>;

/**
 * Opens a record's materials and seals them again, each under a fresh data key; between the two a material exists in one
 * buffer, which is wiped. Returns the code of a failure that is the record's own. Throws a failure of a key, naming it: one
 * that is of no use as `UnusableKeyError`.
 */
export async function resealRecord(record: StaleRecord, keys: Keys, signal: AbortSignal): Promise<Resealed> {
  const names: readonly MaterialName[] = MATERIALS[record.kind];
  try {
    const sealed = await waitForAll(names.map((name) => resealMaterial(name, record, keys, signal)));
    return {
      record,
      sealed: Object.fromEntries(names.map((name, i) => [name, sealed[i]?.message])),
      keyId: keys.shareKey.keyId,
      keyMaterialId: materialOfAll(sealed),
    };
  } catch (error) {
    return { record, code: failureOf(error) };
  }
}

async function resealMaterial(
  name: MaterialName,
  record: StaleRecord,
  { environment, shareKey }: Keys,
  signal: AbortSignal,
): Promise<Sealed> {
  const material = await openMaterial(name, record, environment, shareKey, signal);
  try {
    const context = recordContext({ ...record, environment }, FIELDS[name]);
    return await naming(shareKey.keyId, () => sealBytes(material, context, shareKey, signal));
  } finally {
    wipe(material);
  }
}

/**
 * Opens one material. The context is built from the row's columns, never from the message. The caller wipes the result.
 * Throws as `openBytes`.
 */
export function openMaterial(
  name: MaterialName,
  record: StaleRecord,
  environment: string,
  key: KeyProvider,
  signal: AbortSignal,
): Promise<Buffer> {
  const sealed = record.sealed[name];
  if (sealed === undefined) throw new VaultError('MessageCorrupt', `expected a sealed ${name} in the record, got none`);
  const context = recordContext({ ...record, environment }, FIELDS[name]);
  return naming(record.keyId, () => openBytes(sealed, context, key, signal), sealed);
}

/** Returns the code of a failure that is the record's own. Throws every other one. */
export function failureOf(error: unknown): ResealFailure {
  if (error instanceof MissingDataKeyError) return 'KeyNotListed';
  if (error instanceof MisnamedKeyError) return 'KeyUnavailable';
  const failure = asVaultError(error);
  if (failure.name === 'ContextMismatch' || failure.name === 'MessageCorrupt') return failure.name;
  throw failure;
}

/**
 * A run uses several keys: what an operator reads has to say which one failed. Which one opens follows from the message, and
 * the row may name another: that is no fault of the row's key.
 */
async function naming<T>(keyId: string, act: () => Promise<T>, message?: Uint8Array): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof VaultError) || error.name !== 'KeyUnavailable') throw error;
    if (error instanceof MissingDataKeyError) throw error;
    if (message !== undefined && !isSealedUnder(keyId, message)) throw new MisnamedKeyError(keyId, error);
    throw new UnusableKeyError(keyId, error);
  }
}
