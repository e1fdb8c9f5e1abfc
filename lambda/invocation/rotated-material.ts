import { VaultError } from '../contract/errors';
import { materialBefore } from '../contract/reseals';
import type { ResealParts } from './reseals';

type CurrentMaterialId = ResealParts['currentMaterialId'];

/**
 * Returns the share key's present material as `currentMaterialId` does, after the rotation that started the run. KMS sends
 * its event some minutes before all its servers know the new material, and a run to the former one would find nothing to
 * do. Throws `KeyUnreachable` as long as KMS names the material that the event calls the previous one. An input that is no
 * such event changes nothing.
 */
export function afterRotation(input: unknown, currentMaterialId: CurrentMaterialId): CurrentMaterialId {
  const previous = materialBefore(input);
  if (previous === undefined) return currentMaterialId;
  return async (signal) => {
    const id = await currentMaterialId(signal);
    if (id !== previous) return id;
    throw new VaultError('KeyUnreachable', 'expected KMS to name the material after the rotation, got the former one');
  };
}
