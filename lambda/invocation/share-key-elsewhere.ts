import type { KeyProvider } from '../keys/provider';
import type { Settings } from './settings';
import { createShareKey as createAwsShareKey, shareKeyIds as awsShareKeyIds } from './share-key';

/** The key that wraps the data keys of records, with keys elsewhere and recovery keys: replaces share-key.ts. */

export const SHARE_KEY_SETTINGS: readonly 'shareKeyArn'[] = ['shareKeyArn'];

export function createShareKey(settings: Pick<Settings, 'shareKeyArn'>): KeyProvider {
  return createAwsShareKey(settings);
}

export function shareKeyIds(settings: Pick<Settings, 'shareKeyArn'>): readonly string[] {
  return awsShareKeyIds(settings);
}
