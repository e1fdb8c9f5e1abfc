import { createHash } from 'node:crypto';
import { seconds } from '../shape';
import { type Key, isRsa } from './key';

/**
 * Returns the id of a symmetric key's material: 64 hexadecimal digits, as in KMS. It says nothing about the material: it
 * is made of the key's id and the material's number, from 0.
 */
export function materialIdOf(key: Key, number: number): string {
  return createHash('sha256').update(`key material ${key.id} ${number}`).digest('hex');
}

/** Returns the id of the material that encrypts; undefined for an RSA key, and before an import. */
export function currentMaterialIdOf(key: Key): string | undefined {
  return isRsa(key.spec) || key.materials.length === 0 ? undefined : materialIdOf(key, key.materials.length - 1);
}

/** Returns the entries of `ListKeyRotations`, oldest first: with the first material, or those of rotations only. */
export function rotationsOf(key: Key, withFirst: boolean): readonly object[] {
  const entries = key.materials.map(({ createdAt, rotated }, number) => ({
    KeyId: key.arn,
    KeyMaterialId: materialIdOf(key, number),
    KeyMaterialState: number === key.materials.length - 1 ? 'CURRENT' : 'NON_CURRENT',
    ...(number > 0 && { RotationDate: seconds(createdAt), RotationType: rotated ?? 'AUTOMATIC' }),
    ...(key.origin === 'EXTERNAL' && externalMembers(key)),
  }));
  return withFirst ? entries : entries.slice(1);
}

function externalMembers({ materialExpiresAt }: Key): object {
  return {
    ImportState: 'IMPORTED',
    ExpirationModel: materialExpiresAt ? 'KEY_MATERIAL_EXPIRES' : 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    ValidTo: materialExpiresAt && seconds(materialExpiresAt),
  };
}
