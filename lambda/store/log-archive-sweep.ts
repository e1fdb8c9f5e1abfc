import { type ClientBase, DatabaseError } from 'pg';
import { type Deadline, deadlineIn } from '../invocation/deadline';
import { type ArchiveBucket, type LogArchive, archivePartition } from './log-archive';
import { type LogPartitions, PostgresLogPartitions } from './old-log-partitions';
import { type Migrated, SWEEP_MARGIN_MS } from './migrate';
import { flag, only } from './rows';
import type { Row } from './session';
import { VaultError } from '../contract/errors';
import { queryError } from './pg-errors';
import { codeOf } from './tombstone-bucket';
import { Transactions } from './transactions';

/** Held by the session: two sweeps would put objects of the same numbers. A connection that ends frees it. */
const LOCK =
  "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('share-vault log archive', 0)) AS locked";
const UNLOCK = "SELECT pg_catalog.pg_advisory_unlock(pg_catalog.hashtextextended('share-vault log archive', 0))";

const QUERY_CANCELED = '57014';

export interface LogArchiveSweep {
  readonly environment: string;
  /** undefined: nothing is archived */
  readonly bucket: ArchiveBucket | undefined;
  /** undefined: rows are kept for ever */
  readonly retentionDays: number | undefined;
  /** a deploy states the retention and archives nothing: it has to end */
  readonly isSweep: boolean;
  readonly deadline: Deadline;
}

/**
 * Archives the partitions of the access log that are older than the retention, the oldest first, and drops each from the
 * database. Partitions that it has no time for, or that fail, are left to the next sweep; a partition that should have been archived
 * two days ago counts as overdue. The client logs in as the master. Never throws: a deploy must not fail for it.
 */
export async function sweepLog(migrated: Migrated, client: ClientBase, sweep: LogArchiveSweep): Promise<Migrated> {
  const { bucket, retentionDays, environment, deadline } = sweep;
  // without a bucket nothing is ever dropped
  const keptDays = bucket && retentionDays;
  const transactions = await Transactions.on(client, {});
  const own = deadlineIn(deadline.remainingMs() - SWEEP_MARGIN_MS, deadline.signal);
  const partitions = new PostgresLogPartitions((statement, values) =>
    transactions
      .asOwner(() => limited(client, own).then(() => client.query<Row>(statement, [...values])))
      .then(({ rows }) => rows),
  );
  const warnings: string[] = [];
  try {
    // a sweep may be one of the former version, with the former retention
    if (!sweep.isSweep) await partitions.noteRetention(keptDays);
    else if (bucket && keptDays !== undefined) await archiveOld(client, { environment, bucket, partitions }, own);
  } catch (error) {
    warnings.push(
      `months of the access log that were not archived: ${codeOf(error instanceof VaultError ? error : queryError(error))}`,
    );
  }
  const noted = { ...migrated, ...(warnings.length > 0 && { warnings: [...(migrated.warnings ?? []), ...warnings] }) };
  return keptDays === undefined ? noted : { ...noted, overdueLogMonths: await countOverdue(partitions) };
}

/** The server ends a statement with the sweep: one that goes on would hold its locks. */
async function limited(client: ClientBase, deadline: Deadline): Promise<void> {
  const limitMs = Math.max(1_000, Math.floor(deadline.remainingMs()));
  await client.query("SELECT pg_catalog.set_config('statement_timeout', $1, true)", [String(limitMs)]);
}

/** Archives one partition after another, unless another sweep does. */
async function archiveOld(client: ClientBase, archive: LogArchive, deadline: Deadline): Promise<void> {
  const { rows } = await client.query<Row>(LOCK);
  if (!flag(only(rows), 'locked')) return;
  try {
    for (;;) {
      // the one after it may begin earlier once it is dropped
      const [partition] = await archive.partitions.listOld();
      if (partition === undefined || !(await archivePartition(archive, partition, deadline))) return;
    }
  } catch (error) {
    // the next sweep goes on
    if (!isOutOfTime(error)) throw error;
  } finally {
    // if the connection is gone, the lock is too
    await client.query(UNLOCK).catch(() => undefined);
  }
}

/** Returns whether the server ended a statement at the sweep's limit: no failure, the months that stay too long are counted. */
function isOutOfTime(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === QUERY_CANCELED;
}

/** If they can't be counted, the alarm has to ring. */
async function countOverdue(partitions: LogPartitions): Promise<number> {
  return partitions.listOld().then((all) => all.filter(({ overdue }) => overdue).length, () => 1); // prettier-ignore
}
