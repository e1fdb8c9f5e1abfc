import { createHash } from 'node:crypto';
import type { ResealReceipt } from '../contract/reseals';
import type { HeadsPage } from '../store/chain-heads';
import type { WalletKey } from '../store/store';
import type { Deadline } from './deadline';

/** Reads the heads of the wallets' logs at a time, a page after another. */
export interface HeadsReader {
  heads(at: Date, after: WalletKey | undefined, deadline: Deadline): Promise<HeadsPage>;
}

/** Returns SHA-256 over all heads. It reads one page of wallets at a time: the memory for it does not depend on their number. */
export async function digestOfHeads(
  at: Date,
  reader: HeadsReader,
  deadline: Deadline,
): Promise<ResealReceipt['heads']> {
  const hash = createHash('sha256');
  let wallets = 0;
  let after: WalletKey | undefined;
  do {
    const page = await reader.heads(at, after, deadline);
    hash.update(page.lines, 'utf8');
    wallets += page.wallets;
    after = page.last;
  } while (after !== undefined);
  return { at: at.toISOString(), wallets, sha256: hash.digest('hex') };
}
