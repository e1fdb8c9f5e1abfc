import type { IConstruct } from 'constructs';
import { MAX_OPENING_KEYS } from '../../lambda/contract/limits';
import type { BodyStoreOptions } from '../body-store-options';
import type { ExternalKey } from '../external-key';
import type { RecordKeyOptions } from '../record-key-options';
import type { ShareKey } from '../share-key';
import { refuse, requireList } from './checks';
import { isOwnShareKey } from './own-share-key';
import { type RetiringKeys, isExternalKey } from './record-keys';
import { type KeyOwner, shareKeyOf } from './share-key-choice';

const NAME = 'retiringShareKeys';

/**
 * Returns the keys of `retiringShareKeys`, in order. Throws unless they are different keys, other than the share key, that
 * can serve the vault.
 *
 * @param own creates the key that the vault has without `shareKey`
 */
export function retiringKeysOf(
  vault: IConstruct,
  options: RecordKeyOptions & KeyOwner,
  own: () => ShareKey,
): RetiringKeys {
  const { shareKey, retiringShareKeys: keys = [] } = options;
  requireRetiringKeys(keys);
  if (shareKey === undefined && keys.some(isOwnShareKey)) {
    throw new Error(`${NAME}: expected shareKey together with ShareKey.ofVault(), got none: the vault's own key seals`);
  }
  if (shareKey !== undefined && keys.includes(shareKey)) {
    throw new Error(`${NAME}: expected keys other than shareKey, got that one`);
  }
  const inAws = keys.filter((key) => !isExternalKey(key));
  return {
    inAws: inAws.map((key) => (isOwnShareKey(key) ? own() : shareKeyIn(vault, key, options))),
    external: externalRetiringKeys(options),
  };
}

/** Returns the keys outside AWS of `retiringShareKeys`, in order. Throws if one of them is `shareKey`. */
export function externalRetiringKeys({ shareKey, retiringShareKeys }: RecordKeyOptions): readonly ExternalKey[] {
  const external = (retiringShareKeys ?? []).filter(isExternalKey);
  const names = external.map(({ _name }) => _name);
  const twice = names.find((name, place) => names.indexOf(name) < place);
  if (twice !== undefined) throw new Error(`${NAME}: expected different keys, got ${twice} twice`);
  if (isExternalKey(shareKey) && names.includes(shareKey._name)) {
    throw new Error(`${NAME}: expected keys other than shareKey, got ${shareKey._name}`);
  }
  return external;
}

/** Throws for a retiring key beside a body store: only a reseal could move records, and it can't replace bodies. */
export function requireNoBodies({ retiringShareKeys = [], bodyStore }: RecordKeyOptions & BodyStoreOptions): void {
  if (bodyStore === undefined || retiringShareKeys.length === 0) return;
  throw new Error(`${NAME}: expected none together with bodyStore, got both: bodies can't be resealed`);
}

function requireRetiringKeys(keys: unknown): asserts keys is readonly unknown[] {
  requireList(NAME, keys);
  if (keys.length > MAX_OPENING_KEYS)
    throw new Error(`${NAME}: expected at most ${MAX_OPENING_KEYS} keys, got ${keys.length}`);
  for (const key of keys) {
    if (keys.filter((other) => other === key || (isOwnShareKey(other) && isOwnShareKey(key))).length > 1) {
      throw new Error(`${NAME}: expected different keys, got one twice`);
    }
  }
}

function shareKeyIn(vault: IConstruct, key: unknown, owner: KeyOwner): ShareKey {
  return shareKeyOf(vault, key, owner, NAME) ?? refuse(NAME, 'a ShareKey or an ExternalKey', key);
}
