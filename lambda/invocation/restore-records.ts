import type { PostgresRestoreChecks, WalletDigest } from '../store/restore-checks';
import type { RestoreCall, RestoreCheckParts } from './restore-checks';
import { BACKUP_MS, UnprovenError } from './unproven';

/** How many wallets the restored database has, and of how many the records are the same as in the vault's own. */
export interface Compared {
  readonly wallets: number;
  readonly compared: number;
}

/**
 * Compares the live records of each wallet whose log did not change since the backup, byte for byte: every change of a live
 * record has a row in its wallet's log. So they open if those in the vault's own database do, and nobody has to open them. Throws
 * `UnprovenError` if a wallet's records differ, or its log is not the beginning of the log in the vault's own database.
 */
export async function compareRecords(
  recoveryPointAt: Date,
  restored: PostgresRestoreChecks,
  { deadline }: RestoreCall,
  { checks }: Pick<RestoreCheckParts, 'checks'>,
): Promise<Compared> {
  // a step of a reseal logs first, and replaces the record in a later transaction
  const resealedSince = new Date(recoveryPointAt.getTime() - BACKUP_MS);
  let [wallets, compared] = [0, 0];
  for (let page = await restored.digests(undefined, deadline); page.length > 0;) {
    const own = new Map((await checks.digestsOf(page, deadline)).map((each) => [nameOf(each), each]));
    for (const wallet of page) compared += isSame(wallet, own.get(nameOf(wallet)), resealedSince) ? 1 : 0;
    wallets += page.length;
    page = await restored.digests(page.at(-1), deadline);
  }
  return { wallets, compared };
}

/** Whether the records are the same; false if the wallet changed since the backup. */
function isSame(restored: WalletDigest, own: WalletDigest | undefined, resealedSince: Date): boolean {
  if (own === undefined) throw new UnprovenError("expected wallets of the vault's own database, got another");
  if (own.logLength > restored.logLength) return false;
  if (own.logLength < restored.logLength || own.logHead !== restored.logHead) {
    throw new UnprovenError("expected access logs as in the vault's own database, got another");
  }
  if (own.records === restored.records) return true;
  if (own.resealedAt !== undefined && own.resealedAt >= resealedSince) return false;
  throw new UnprovenError('expected the records of wallets that did not change since the backup, got others');
}

const nameOf = ({ walletId, chain }: WalletDigest): string => JSON.stringify([walletId, chain]);
