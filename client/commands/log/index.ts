import { type Context, UsageError, type Values, textOf } from '../command';
import { walletOf } from '../data/options';
import { withVault } from '../data/vault';
import { runArchives } from './archive';
import { followLog } from './follow';
import { printRows } from './lines';
import { runOffline } from './offline';
import { headOf, listOf, startOf } from './options';
import { report, verifyRows } from './verify-rows';
import { withArchived } from './with-archived';

export async function runLog(context: Context, values: Values): Promise<0 | 1> {
  if (values.quiet === true && values.verify !== true) throw new UsageError('--quiet: expected --verify with it');
  const folders = listOf(values, 'archive');
  if (folders.length > 0) return runArchives(context, values, folders);
  if (listOf(values, 'manifest').length > 0) throw new UsageError('--manifest: expected --archive with it');
  const file = textOf(values, 'file');
  if (values.archived === true && file === undefined) throw new UsageError('--archived: expected --file with it');
  return file === undefined ? runOnline(context, values) : runOffline(context, values, file);
}

async function runOnline(context: Context, values: Values): Promise<0 | 1> {
  const verify = values.verify === true;
  const [wallet, after, until] = [walletOf(values), startOf(values, verify), headOf(values)];
  if (until !== undefined && !verify) throw new UsageError('--head: expected --verify with it');
  if (values.follow === true) return followLog(context, values, { wallet, after, until, verify });
  return withVault(context, values, 'audit', async (vault) => {
    const head = verify ? (until ?? (await vault.accessLogHead(wallet))) : undefined;
    const log = vault.accessLog(wallet, { after: after.sequence });
    const section = { after: after.sequence, until: head?.sequence };
    const rows = withArchived(log, section, () => vault.archivedLog(wallet));
    const items = values.quiet === true ? rows : printRows(wallet, rows, context.stdout);
    if (verify) return report(context, wallet, await verifyRows(context, wallet, items, after, head), head);
    for await (const _ of items) if (!context.stdout.writable) break;
    return 0;
  });
}
