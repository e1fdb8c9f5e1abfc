import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainPosition } from '../../../lambda/contract/responses';
import type { Wallet } from '../../requests';
import type { Context, Values } from '../command';
import { WATCH_PAUSE_MS } from '../watch';
import { withVault } from '../data/vault';
import { printRows } from './lines';
import type { LogItem } from '../../verify';
import { report, verifyRows } from './verify-rows';
import { withArchived } from './with-archived';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Following {
  readonly wallet: Wallet;
  readonly after: ChainPosition;
  /** the head up to which the first rows are verified */
  readonly until: ChainPosition | undefined;
  readonly verify: boolean;
}

/** Ends a log at a stop, also in a call that lasts. */
async function* untilStopped(
  rows: AsyncIterable<LogItem>,
  signal: AbortSignal,
): AsyncGenerator<LogItem, void, undefined> {
  try {
    yield* rows;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * Prints the rows of an access log, then new rows as they come, until Ctrl-C or until the reader of the output has gone.
 * With `verify` it ends at the first row that does not fit.
 */
export async function followLog(context: Context, values: Values, following: Following): Promise<0 | 1> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  for (const signal of SIGNALS) process.once(signal, stop);
  context.stdout.once('close', stop);
  try {
    return await withVault(context, values, 'audit', async (vault) => {
      const { wallet, verify } = following;
      let { after, until } = following;
      let [archivedRows, continues] = [0, false];
      const { signal } = stopped;
      while (!stopped.signal.aborted) {
        const log = vault.accessLog(wallet, { after: after.sequence, signal });
        const section = { after: after.sequence, until: until?.sequence, continues };
        const all = withArchived(log, section, () => vault.archivedLog(wallet, { signal }));
        const rows = untilStopped(all, signal);
        const items = values.quiet === true ? rows : printRows(wallet, rows, context.stdout);
        if (verify) {
          const verified = await verifyRows(context, wallet, items, after, until);
          if (!verified.intact) return report(context, wallet, verified, until);
          after = verified.verifiedTo;
          archivedRows += verified.archivedRows;
          until = undefined;
        } else for await (const { sequence, hash } of items) after = { sequence, hash };
        continues = true;
        await sleep(WATCH_PAUSE_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      }
      return verify ? report(context, wallet, { intact: true, verifiedTo: after, archivedRows }, undefined) : 0;
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
