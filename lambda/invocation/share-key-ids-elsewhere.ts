import { otherKeyId } from '../contract/other-key';
import { readKeySettings } from './settings-elsewhere';

/** The ids of keys, with keys elsewhere: replaces share-key-ids.ts. The migration reads them, and has no key. */

/** None: keys elsewhere have variables of their own, and the share key in AWS KMS is optional. */
export const SHARE_KEY_SETTINGS: readonly 'shareKeyArn'[] = [];

/**
 * Returns the ids of the keys that open records by themselves, the one that seals first. The further keys of `otherKeys`
 * wrap every record too, but open one only if the vault may open with them.
 */
export function shareKeyIds(): readonly string[] {
  const { shareKeyArn, otherKeys, openWithOtherKeys, openingKeyArns, openingKeys } = readKeySettings();
  const online = [...(shareKeyArn === undefined ? [] : [shareKeyArn]), ...otherKeys.map(otherKeyId)];
  const used = openWithOtherKeys ? online : online.slice(0, 1);
  return [...new Set([...used, ...openingKeyArns, ...openingKeys.map(otherKeyId)])];
}
