import { createAwsKmsKey } from '../keys/aws-kms';
import type { KeyProvider } from '../keys/provider';
import type { Settings } from './settings';

/**
 * The key that wraps the data keys of records: one in AWS KMS. The bundles of vaults with keys elsewhere have
 * share-key-elsewhere.ts in its place (tools/build/bundle.ts).
 */

export { SHARE_KEY_SETTINGS } from './share-key-ids';

export function createShareKey(settings: Pick<Settings, 'shareKeyArn'>): KeyProvider {
  return createAwsKmsKey({ keyArn: settings.shareKeyArn });
}
