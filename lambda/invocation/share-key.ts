import { createAwsKmsKey } from '../keys/aws-kms';
import type { KeyProvider } from '../keys/provider';
import type { Settings } from './settings';

/**
 * The key that wraps the data keys of records: one in AWS KMS. The bundles of vaults with keys elsewhere have
 * share-key-elsewhere.ts in its place (tools/build/bundle.ts).
 */

/** The settings that a function with the share key reads. */
export const SHARE_KEY_SETTINGS: readonly 'shareKeyArn'[] = ['shareKeyArn'];

export function createShareKey(settings: Pick<Settings, 'shareKeyArn'>): KeyProvider {
  return createAwsKmsKey({ keyArn: settings.shareKeyArn });
}

/** Returns the ids of the keys that records may be sealed under, as records name them. */
export function shareKeyIds(settings: Pick<Settings, 'shareKeyArn'>): readonly string[] {
  return [settings.shareKeyArn];
}
