import { type AwsKmsKeyOptions, createAwsKmsKey } from '../keys/aws-kms';
import { currentMaterialId } from '../keys/aws-kms-material';
import type { KeyProvider } from '../keys/provider';
import { createShareKeys } from '../keys/share-keys';
import { readOpeningKeyArns } from './opening-keys';
import type { Settings } from './settings';

/**
 * The key that wraps the data keys of records: one in AWS KMS, beside those that only open. The bundles of vaults with keys elsewhere have
 * share-key-elsewhere.ts in its place (tools/build/bundle.ts).
 */

export { SHARE_KEY_SETTINGS, shareKeyIds } from './share-key-ids';

type OnUnwrap = AwsKmsKeyOptions['onUnwrap'];

/** @param onRetiring called for each data key that a key that only opens unwrapped */
export function createShareKey(
  settings: Pick<Settings, 'shareKeyArn'>,
  onUnwrap?: OnUnwrap,
  onRetiring?: (keyId: string) => void,
): KeyProvider {
  const create = (keyArn: string): KeyProvider => createAwsKmsKey({ keyArn, onUnwrap });
  return createShareKeys(create(settings.shareKeyArn), readOpeningKeyArns().map(create), onRetiring);
}

/** Returns the id of the share key's present material; '' if it has none. */
export function shareKeyMaterialId(settings: Pick<Settings, 'shareKeyArn'>, signal: AbortSignal): Promise<string> {
  return currentMaterialId(settings.shareKeyArn, signal);
}
