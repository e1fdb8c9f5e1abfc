import { guessChain, guessId } from '../contract/canonical';
import type { Deadline } from '../invocation/deadline';
import type { NamedWallet } from '../contract/wallet';
import type { RecordStore, WalletKey } from './store';

/** The database stores no text with one. */
const CONTROL = /\p{Cc}/u;

/** The wallets that a revocation destroys. If one can't be destroyed, the others are destroyed all the same. */
export interface RevokedWallets {
  /** the canonical wallet, stored or not: it gets a tombstone */
  readonly canonical?: WalletKey | undefined;
  /** stored ones beside it */
  readonly others: readonly WalletKey[];
}

/** Puts the canonical wallet first: shares are most often stored under it, and all wallets share the time left. */
export function canonicalFirst({ canonical, others }: RevokedWallets): readonly WalletKey[] {
  return canonical === undefined ? others : [canonical, ...others];
}

/**
 * Finds each stored wallet with a chain that looks the same as the sent one. To destroy one spelling too many is safe,
 * to leave one open is not. There is no canonical wallet without a chain, or if the text can't name one.
 */
export async function walletsToRevoke(
  { walletId, chain }: NamedWallet,
  store: Pick<RecordStore, 'walletsOf'>,
  deadline: Deadline,
): Promise<RevokedWallets> {
  const id = guessId(walletId);
  const ids = [...new Set([walletId, id ?? walletId])].filter((each) => !CONTROL.test(each));
  const stored = ids.length === 0 ? [] : await store.walletsOf(ids, deadline);
  if (chain === undefined) return { others: stored };

  const wanted = guessChain(chain);
  const looksTheSame = (other: string) => other === chain || (wanted !== undefined && guessChain(other) === wanted);
  const canonical = id === undefined || wanted === undefined ? undefined : { walletId: id, chain: wanted };
  const others = stored.filter(
    (each) => looksTheSame(each.chain) && (each.walletId !== canonical?.walletId || each.chain !== canonical.chain),
  );
  return { canonical, others };
}
