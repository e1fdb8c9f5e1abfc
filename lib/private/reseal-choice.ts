import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ShareVaultProps } from '../share-vault-props';
import { requireObject } from './checks';

/**
 * Returns whether a vault reseals its records. Throws if it should although it keeps bodies elsewhere: their entries are
 * created once and never replaced.
 */
export function canReseal(vault: Construct, { reseal, bodyStore }: ShareVaultProps): boolean {
  if (reseal !== undefined) requireObject('reseal', reseal);
  if (bodyStore === undefined) return true;
  if (reseal !== undefined) {
    throw new Error("reseal: expected none together with bodyStore, got both: bodies can't be resealed");
  }
  Annotations.of(vault).addInfoV2(
    'cdk-share-vault:noReseal',
    "records with bodies in a store can't be resealed: after a rotation of the share key, they remain under its former material",
  );
  return false;
}
