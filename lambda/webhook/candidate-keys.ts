import { LIMITS } from '../contract/limits';
import type { Envelopes } from './event';
import type { RsaKey } from '../keys/provider';
import { hybridKid } from '../transport/hybrid';

/**
 * The keys under which an envelope of a delivery may open, 1 to 3, in the order in which to try them: the one of its own
 * `kid`; where it has none, of the API key's of the same delivery; else each live key. A `kid` is a hint that anyone can
 * write, and Dynamic makes its own: one that is not configured says nothing.
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
