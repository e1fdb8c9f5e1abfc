import type { Tombstone } from '../../../lambda/contract/tombstones';
import { CommandFailure, type Context, UsageError } from '../command';
import { EXIT } from '../exit-codes';
import { printable } from '../printable';
import { readTombstoneList } from '../rotation/tombstone-list';
import type { RecordRow } from './row';

/**
 * Returns whether a tombstone is newer than the live record of its wallet, by the rule of a replay: one of server key
 * shares is for ever, and one of delegated shares ends with a newer delivery.
 */
export function isRevokedBy(
  { revokedUntilNs, serverKeySharesRevokedAt }: Pick<Tombstone, 'revokedUntilNs' | 'serverKeySharesRevokedAt'>,
  { kind, orderNs }: Pick<RecordRow, 'kind' | 'orderNs'>,
): boolean {
  if (kind === 'server-key-shares') return serverKeySharesRevokedAt !== undefined;
  if (revokedUntilNs === undefined) return false;
  return orderNs === undefined || orderNs === null || BigInt(orderNs) <= BigInt(revokedUntilNs);
}

/**
 * Refuses a record that the tombstones of a file revoke. Returns until when the list is complete. A list that begins later
 * than the first tombstone proves nothing.
 */
export async function requireNotRevoked(context: Context, file: string, row: RecordRow): Promise<string> {
  if (file === '-') throw new UsageError('--tombstones: expected a file, got standard input');
  const { tombstones, since, until } = await readTombstoneList(context, 'tombstones', file);
  if (since !== undefined) {
    throw new CommandFailure(`--tombstones: expected a list from the beginning, got one since ${since}`);
  }
  if (row.kind === 'delegated-share' && row.orderNs === undefined) {
    throw new UsageError('--record: expected order_ns with --tombstones, got none: repeat the query of docs/keys/recovery.md'); // prettier-ignore
  }
  const { walletId, chain } = row;
  const found = tombstones.filter((each) => each.walletId === walletId && each.chain === chain);
  if (!found.some((tombstone) => isRevokedBy(tombstone, row))) return until;
  const wallet = `wallet ${printable(walletId)} on ${printable(chain)}`;
  throw new CommandFailure(`expected a record that was not revoked, got a revoked one of ${wallet}`, { exit: EXIT.revoked }); // prettier-ignore
}
