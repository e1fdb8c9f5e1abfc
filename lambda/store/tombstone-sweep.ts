import type { ClientBase } from 'pg';
import { type Migrated, SWEEP_MARGIN_MS } from './migrate';
import type { Row } from './session';
import { PendingTombstones } from './tombstones';
import { TOMBSTONES_PREFIX } from '../contract/tombstone-prefix';
import { Transactions } from './transactions';
import { type Deadline, deadlineIn } from '../invocation/deadline';
import { type KeepingBucket, codeOf, keepSome } from './tombstone-bucket';

const BATCH = 320;

/**
 * Brings the tombstones into the bucket that revocations could not bring there: all of a vault that has got its bucket.
 * What fails is left to the next sweep and reported. The client logs in as the master. Throws for failures of the database.
 */
export async function sweepTombstones(
  migrated: Migrated,
  client: ClientBase,
  { environment, bucket, deadline }: {
    readonly environment: string;
    readonly bucket: KeepingBucket | undefined;
    readonly deadline: Deadline;
  }, // prettier-ignore
): Promise<Migrated> {
  if (bucket === undefined) return migrated;
  const transactions = await Transactions.on(client, {});
  const query = (statement: string, values: readonly unknown[]) =>
    transactions.asOwner(() => client.query<Row>(statement, [...values])).then(({ rows }) => rows);
  const pending = new PendingTombstones({ query }, TOMBSTONES_PREFIX);
  // a vault that has just got its bucket may have very many: the sweep of bodies needs time too
  const own = deadlineIn((deadline.remainingMs() - SWEEP_MARGIN_MS) / 2, deadline.signal);
  let problem: string | undefined;
  try {
    while (own.remainingMs() > 0 && (await keepSome({ environment, bucket, pending }, BATCH, own)) > 0);
  } catch (error) {
    problem = `tombstones that the bucket did not get: ${codeOf(error)}`;
  }
  const counted = await pending.count(deadline);
  // what failed now may be too new to be counted
  const tombstonesPending = problem === undefined ? counted : Math.max(1, counted);
  const warnings = [...(migrated.warnings ?? []), ...(problem === undefined ? [] : [problem])];
  return { ...migrated, tombstonesPending, ...(warnings.length > 0 && { warnings }) };
}
