import { createAwsKmsKey } from '../keys/aws-kms';
import type { KeyProvider } from '../keys/provider';
import { createShareKeys } from '../keys/share-keys';
import { readOpeningKeyArns } from './opening-keys';
import type { Settings } from './settings';

/**
 * The key that wraps the data keys of records: one in AWS KMS, beside those that only open. The bundles of vaults with keys elsewhere have
 * share-key-elsewhere.ts in its place (tools/build/bundle.ts).
 */

export { SHARE_KEY_SETTINGS } from './share-key-ids';

export function createShareKey(settings: Pick<Settings, 'shareKeyArn'>): KeyProvider {
  const opening = readOpeningKeyArns().map((keyArn) => createAwsKmsKey({ keyArn }));
  return createShareKeys(createAwsKmsKey({ keyArn: settings.shareKeyArn }), opening);
}
