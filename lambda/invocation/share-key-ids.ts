import { readOpeningKeyArns } from './opening-keys';
import type { Settings } from './settings';

/** The settings that a function with the share key reads. */
export const SHARE_KEY_SETTINGS: readonly 'shareKeyArn'[] = ['shareKeyArn'];

/**
 * Returns the ids of the keys that records may be sealed under, as records name them: the share key, which seals, is
 * the first. The bundles of vaults with keys
 * elsewhere have share-key-ids-elsewhere.ts in its place (tools/build/bundle.ts).
 */
export function shareKeyIds(settings: Pick<Settings, 'shareKeyArn'>): readonly string[] {
  return [settings.shareKeyArn, ...readOpeningKeyArns()];
}
