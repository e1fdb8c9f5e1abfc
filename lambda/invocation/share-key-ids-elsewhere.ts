import { otherKeyId } from '../contract/other-key';
import { readKeySettings } from './settings-elsewhere';

/** The ids of keys, with keys elsewhere: replaces share-key-ids.ts. The migration reads them, and has no key. */

/** None: keys elsewhere have variables of their own, and the share key in AWS KMS is optional. */
export const SHARE_KEY_SETTINGS: readonly 'shareKeyArn'[] = [];

export function shareKeyIds(): readonly string[] {
  const { shareKeyArn, otherKeys, openingKeyArns, openingKeys } = readKeySettings();
  const sealing = [...(shareKeyArn === undefined ? [] : [shareKeyArn]), ...otherKeys.map(otherKeyId)];
  return [...new Set([...sealing, ...openingKeyArns, ...openingKeys.map(otherKeyId)])];
}
