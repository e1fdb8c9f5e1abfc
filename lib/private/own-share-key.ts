import type { IRecordKey } from '../record-key';

/** Stands for the key that a vault without `shareKey` has: the vault itself creates it. */
export class OwnShareKey implements IRecordKey {
  public readonly providerId = 'aws-kms';
  /** @internal */
  public readonly _isOwnShareKey = true;
}

/** Returns whether a value stands for the vault's own key: an app can have several copies of this library. */
export function isOwnShareKey(key: unknown): key is OwnShareKey {
  return typeof key === 'object' && key !== null && '_isOwnShareKey' in key;
}
