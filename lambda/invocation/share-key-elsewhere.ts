import { VaultError } from '../contract/errors';
import { createMultiKey } from '../keys/elsewhere/multi-key';
import { createOtherKey } from '../keys/elsewhere/other-key';
import { createRecoveryKey } from '../keys/elsewhere/recovery-key';
import { createAwsKmsKey } from '../keys/aws-kms';
import type { KeyProvider } from '../keys/provider';
import { createShareKeys } from '../keys/share-keys';
import { readKeySettings } from './settings-elsewhere';

/** The keys that wrap the data keys of records, with keys elsewhere and recovery keys: replaces share-key.ts. */

export { SHARE_KEY_SETTINGS } from './share-key-ids-elsewhere';

export function createShareKey(): KeyProvider {
  const { shareKeyArn, otherKeys, openWithOtherKeys, recoveryKeys, ...only } = readKeySettings();
  const others = otherKeys.map(createOtherKey);
  const own = shareKeyArn === undefined ? others.shift() : createAwsKmsKey({ keyArn: shareKeyArn });
  if (own === undefined) throw new VaultError('InternalError', 'expected a key to make data keys with, got none');
  const inAws = only.openingKeyArns.map((keyArn) => createAwsKmsKey({ keyArn }));
  const first = createShareKeys(own, [...inAws, ...only.openingKeys.map(createOtherKey)]);
  const recovery = recoveryKeys.map(createRecoveryKey);
  if (others.length + recovery.length === 0) return first;
  return createMultiKey({ first, others, recovery, openWithOthers: openWithOtherKeys });
}
