import { LIMITS } from '../contract/limits';
import type { Envelopes } from './event';
import type { RsaKey } from '../keys/provider';
import { hybridKid } from '../transport/hybrid';

/**
 * Returns the keys under which an envelope of a delivery may open, 1 to 3, in the order to try them: the one of its own
 * `kid`; if it has none, of the API key's envelope in the same delivery; else each configured key. A `kid` is a hint that
 * anyone can write, and Dynamic makes its own: an unknown one is ignored.
 */
export function candidatesFor(
  name: keyof Envelopes,
  envelopes: Envelopes,
  keys: ReadonlyMap<string, RsaKey>,
): readonly RsaKey[] {
  const kid = hybridKid(envelopes[name]) ?? hybridKid(envelopes.walletApiKey);
  const named = kid === undefined ? undefined : keys.get(kid);
  return named === undefined ? [...keys.values()].slice(0, LIMITS.rsaCandidates) : [named];
}
