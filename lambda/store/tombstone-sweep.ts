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
 * What fails is left to the next sweep and reported. The client logs in as the master. Reports those from before it began, too.
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
  let left = 0;
  try {
    // those of revocations that died: the alarm rings also if this call brings them there
    left = await pending.count(deadline);
    while (own.remainingMs() > 0 && (await keepSome({ environment, bucket, pending }, BATCH, own)) > 0);
    left = Math.max(left, await pending.count(deadline));
  } catch (error) {
    // a deploy must not fail for them, also if they can't be counted
    [problem, left] = [`tombstones that the bucket did not get: ${codeOf(error)}`, Math.max(left, 1)];
  }
  const warnings = [...(migrated.warnings ?? []), ...(problem === undefined ? [] : [problem])];
  return { ...migrated, tombstonesPending: left, ...(warnings.length > 0 && { warnings }) };
}
