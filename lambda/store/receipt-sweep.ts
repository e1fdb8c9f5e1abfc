import type { ClientBase } from 'pg';
import { type Migrated, SWEEP_MARGIN_MS } from './migrate';
import { keepSomeReceipts } from './receipt-bucket';
import { PendingReceipts } from './receipts';
import type { Row } from './session';
import { type KeepingBucket, codeOf } from './tombstone-bucket';
import { Transactions } from './transactions';
import { type Deadline, deadlineIn } from '../invocation/deadline';

/**
 * Brings the receipts of reseals into the bucket that their runs could not bring there: all of a vault that has got its
 * bucket. What fails is left to the next sweep and reported as a warning. The client logs in as the master.
 */
export async function sweepReceipts(
  migrated: Migrated,
  client: ClientBase,
  { bucket, deadline }: { readonly bucket: KeepingBucket | undefined; readonly deadline: Deadline },
): Promise<Migrated> {
  if (bucket === undefined) return migrated;
  const transactions = await Transactions.on(client, {});
  const query = (statement: string, values: readonly unknown[]) =>
    transactions.asOwner(() => client.query<Row>(statement, [...values])).then(({ rows }) => rows);
  const pending = new PendingReceipts({ query });
  const own = deadlineIn((deadline.remainingMs() - SWEEP_MARGIN_MS) / 2, deadline.signal);
  try {
    while (own.remainingMs() > 0 && (await keepSomeReceipts({ bucket, pending }, undefined, own)) > 0);
    return migrated;
  } catch (error) {
    const warning = `receipts that the bucket did not get: ${codeOf(error)}`;
    return { ...migrated, warnings: [...(migrated.warnings ?? []), warning] };
  }
}
