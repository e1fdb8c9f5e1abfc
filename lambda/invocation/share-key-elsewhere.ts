import { VaultError } from '../contract/errors';
import { createMultiKey } from '../keys/elsewhere/multi-key';
import { createOtherKey } from '../keys/elsewhere/other-key';
import { createRecoveryKey } from '../keys/elsewhere/recovery-key';
import { type AwsKmsKeyOptions, createAwsKmsKey } from '../keys/aws-kms';
import { currentMaterialId } from '../keys/aws-kms-material';
import type { KeyProvider } from '../keys/provider';
import { createShareKeys } from '../keys/share-keys';
import { readKeySettings } from './settings-elsewhere';

/** The keys that wrap the data keys of records, with keys elsewhere and recovery keys: replaces share-key.ts. */

export { SHARE_KEY_SETTINGS, shareKeyIds } from './share-key-ids-elsewhere';

type OnUnwrap = AwsKmsKeyOptions['onUnwrap'];

/** @param onRetiring called for each data key that a key that only opens unwrapped */
export function createShareKey(
  _settings?: object,
  onUnwrap?: OnUnwrap,
  onRetiring?: (keyId: string) => void,
): KeyProvider {
  const inAws = (keyArn: string): KeyProvider => createAwsKmsKey({ keyArn, onUnwrap });
  const { shareKeyArn, otherKeys, openWithOtherKeys, recoveryKeys, ...only } = readKeySettings();
  const others = otherKeys.map(createOtherKey);
  const own = shareKeyArn === undefined ? others.shift() : inAws(shareKeyArn);
  if (own === undefined) throw new VaultError('InternalError', 'expected a key to make data keys with, got none');
  const opening = [...only.openingKeyArns.map(inAws), ...only.openingKeys.map(createOtherKey)];
  const first = createShareKeys(own, opening, onRetiring);
  const recovery = recoveryKeys.map(createRecoveryKey);
  if (others.length + recovery.length === 0) return first;
  return createMultiKey({ first, others, recovery, openWithOthers: openWithOtherKeys });
}

/** Returns the id of the share key's present material; '' for a key outside AWS, which has none. */
export async function shareKeyMaterialId(_settings: object, signal: AbortSignal): Promise<string> {
  const { shareKeyArn } = readKeySettings();
  return shareKeyArn === undefined ? '' : currentMaterialId(shareKeyArn, signal);
}
