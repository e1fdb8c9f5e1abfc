import type { Key, KeyMaterial } from './key';
import { materialIdOf } from './material';

/** A rotation of a key's material. */
export interface Rotated {
  readonly arn: string;
  readonly keyId: string;
  readonly origin: Key['origin'];
  readonly type: NonNullable<KeyMaterial['rotated']>;
  readonly previousMaterialId: string;
  readonly currentMaterialId: string;
}

/** Returns the rotation that made a key's current material. */
export function rotatedOf(key: Key, type: Rotated['type']): Rotated {
  const current = key.materials.length - 1;
  return {
    ...{ arn: key.arn, keyId: key.id, origin: key.origin, type },
    previousMaterialId: materialIdOf(key, current - 1),
    currentMaterialId: materialIdOf(key, current),
  };
}
