import { CHAIN_START, entryHash } from '../../lambda/contract/chain';
import type { ArchivedRow } from '../../lambda/contract/log-archive';
import type { AccessLogEntry } from '../../lambda/contract/responses';

/** Returns the rows of a wallet's intact log, one for each time. */
export function logRows(walletId: string, times: readonly string[]): readonly ArchivedRow[] {
  const wallet = { walletId, chain: 'EVM' };
  const rows: ArchivedRow[] = [];
  for (const at of times) {
    const { sequence, hash: previousHash } = rows.at(-1)?.entry ?? CHAIN_START;
    const entry: AccessLogEntry = {
      ...{ sequence: sequence + 1, at, action: 'unseal', outcome: 'granted', actor: 'signer', requestId: `r-${at}` },
      ...{ reason: 'für 7 ×', previousHash, hash: '' },
    };
    rows.push({ wallet, entry: { ...entry, hash: entryHash(wallet, entry) } });
  }
  return rows;
}

/** Returns as many times of a month, such as `2026-01`, an hour apart. */
export function timesOf(month: string, count: number): readonly string[] {
  const start = Date.parse(`${month}-01T00:00:00.000Z`);
  return Array.from({ length: count }, (_, at) => new Date(start + at * 3_600_000).toISOString());
}
