import type { Deadline } from '../invocation/deadline';
import { count, only, optionalText } from './rows';
import type { Session } from './session';
import type { WalletKey } from './store';

/** A page of the heads of the wallets' logs at a time. */
export interface HeadsPage {
  /** how many of its wallets had a log */
  readonly wallets: number;
  /** a line of each */
  readonly lines: string;
  /** absent on the last page */
  readonly last?: WalletKey;
}

export interface HeadsQuery {
  readonly at: Date;
  /** the last wallet of the page before */
  readonly after: WalletKey | undefined;
  /** wallets of a page @default 5000 - some 500 KB of lines */
  readonly limit?: number;
}

const HEADS = 'SELECT * FROM vault_api.chain_heads_at($1::timestamptz,$2,$3,$4::integer)';

/** Returns a page of the heads at a time, from the wallet after another on. */
export async function readHeads(
  session: Pick<Session, 'query'>,
  { at, after, limit = 5_000 }: HeadsQuery,
  deadline: Deadline,
): Promise<HeadsPage> {
  const row = only(await session.query(HEADS, [at, after?.walletId, after?.chain, limit], deadline));
  const [walletId, chain] = [optionalText(row, 'last_wallet_id'), optionalText(row, 'last_chain')];
  return {
    wallets: count(row, 'wallets'),
    lines: optionalText(row, 'heads') ?? '',
    ...(walletId !== undefined && chain !== undefined && { last: { walletId, chain } }),
  };
}
