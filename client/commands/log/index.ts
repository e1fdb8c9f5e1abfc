import type { Readable } from 'node:stream';
import type { AccessLogEntry } from '../../../lambda/contract/responses';
import type { Wallet } from '../../requests';
import { readInChunks } from '../bounded';
import { CommandFailure, type Context, UsageError, type Values, textOf } from '../command';
import { nameOf } from '../error-facts';
import { walletOf } from '../data/options';
import { withVault } from '../data/vault';
import { followLog } from './follow';
import { printRows, readLines } from './lines';
import { headOf, startOf } from './options';
import { report, verifyRows } from './verify-rows';

export async function runLog(context: Context, values: Values): Promise<0 | 1> {
  if (values.quiet === true && values.verify !== true) throw new UsageError('--quiet: expected --verify with it');
  const file = textOf(values, 'file');
  return file === undefined ? runOnline(context, values) : runOffline(context, values, file);
}

async function runOnline(context: Context, values: Values): Promise<0 | 1> {
  const verify = values.verify === true;
  const [wallet, after, until] = [walletOf(values), startOf(values, verify), headOf(values)];
  if (until !== undefined && !verify) throw new UsageError('--head: expected --verify with it');
  if (values.follow === true) return followLog(context, values, { wallet, after, until, verify });
  return withVault(context, values, 'audit', async (vault) => {
    const head = verify ? (until ?? (await vault.accessLogHead(wallet))) : undefined;
    const rows = vault.accessLog(wallet, { after: after.sequence });
    const entries = values.quiet === true ? rows : printRows(wallet, rows, context.stdout);
    if (verify) return report(context, wallet, await verifyRows(context, wallet, entries, after, head), head);
    for await (const _ of entries) if (!context.stdout.writable) break;
    return 0;
  });
}

async function runOffline(context: Context, values: Values, file: string): Promise<0 | 1> {
  if (values.verify !== true) throw new UsageError('--file: expected --verify with it');
  const other = ['wallet', 'chain', 'actor', 'quiet', 'follow'].find((name) => values[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--file: expected no --${other} with it`);
  const [after, head] = [startOf(values, true), headOf(values)];
  const source = file === '-' ? context.stdin : readInChunks(file);
  try {
    const { wallet, entries } = await readWallet(source);
    return report(context, wallet, await verifyRows(context, wallet, entries, after, head), head);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`--file: expected a file that can be read, got ${nameOf(error)}`, { cause: error });
  } finally {
    source.destroy();
  }
}

/** The wallet of the first line; all others must be of it. */
async function readWallet(source: Readable): Promise<{ wallet: Wallet; entries: AsyncIterable<AccessLogEntry> }> {
  const lines = readLines(source);
  const first = await lines.next();
  if (first.done === true) throw new CommandFailure('expected rows of an access log, got none');
  const { wallet, entry } = first.value;
  const entries = async function* (): AsyncGenerator<AccessLogEntry, void, undefined> {
    yield entry;
    for await (const { wallet: other, entry: next } of lines) {
      const isSame = other.walletId === wallet.walletId && other.chain === wallet.chain;
      if (!isSame) throw new CommandFailure(`row ${next.sequence}: expected the wallet of the first row, got another`);
      yield next;
    }
  };
  return { wallet, entries: entries() };
}
