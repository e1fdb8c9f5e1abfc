import { VaultError } from '../contract/errors';
import { createMultiKey } from '../keys/elsewhere/multi-key';
import { createOtherKey } from '../keys/elsewhere/other-key';
import { createRecoveryKey } from '../keys/elsewhere/recovery-key';
import type { KeyProvider } from '../keys/provider';
import { readKeySettings } from './settings-elsewhere';
import { createShareKey as createAwsShareKey } from './share-key';

/** The keys that wrap the data keys of records, with keys elsewhere and recovery keys: replaces share-key.ts. */

export { SHARE_KEY_SETTINGS } from './share-key-ids-elsewhere';

export function createShareKey(): KeyProvider {
  const { shareKeyArn, otherKeys, openWithOtherKeys, recoveryKeys } = readKeySettings();
  const others = otherKeys.map(createOtherKey);
  const first = shareKeyArn === undefined ? others.shift() : createAwsShareKey({ shareKeyArn });
  if (first === undefined) throw new VaultError('InternalError', 'expected a key to make data keys with, got none');
  const recovery = recoveryKeys.map(createRecoveryKey);
  if (others.length + recovery.length === 0) return first;
  return createMultiKey({ first, others, recovery, openWithOthers: openWithOtherKeys });
}
