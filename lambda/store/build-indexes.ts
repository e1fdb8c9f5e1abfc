import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { VaultError } from '../contract/errors';
import { deadlineIn } from '../invocation/deadline';
import { type Index, createIndex } from './migrations/migration';
import { flag, only } from './rows';
import type { Row } from './session';

/** Two migrations build in turns. Polled: a session that waits for it in the server holds up the builder's last phase. */
const TRY_LOCK = "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext('share-vault'), 27) AS locked";
const UNLOCK = "SELECT pg_catalog.pg_advisory_unlock(pg_catalog.hashtext('share-vault'), 27)";
const POLL_MS = 100;

const STATE = `SELECT coalesce(bool_or(i.indisvalid), false) AS valid, count(*) > 0 AS exists
  FROM pg_catalog.pg_index AS i WHERE i.indexrelid = pg_catalog.to_regclass('vault.' || $1::text)`;

/** Returns the indexes that a database lacks, or has from an attempt that failed. */
export async function missingIndexes(client: ClientBase, indexes: readonly Index[]): Promise<readonly Index[]> {
  const missing: Index[] = [];
  for (const index of indexes) if (!(await stateOf(client, index)).valid) missing.push(index);
  return missing;
}

/**
 * Builds the missing indexes. Tables are read and written meanwhile: a build waits for transactions that began before it, and
 * none waits for the build. What an interrupted build left is dropped first. Outside a transaction, as the owner. Throws
 * `StoreUnavailable` if another migration builds for too long.
 */
export async function buildIndexes(client: ClientBase, indexes: readonly Index[], waitMs: number): Promise<void> {
  const deadline = deadlineIn(waitMs);
  while (!flag(only((await client.query<Row>(TRY_LOCK)).rows), 'locked')) {
    if (deadline.remainingMs() < POLL_MS) {
      throw new VaultError('StoreUnavailable', 'expected no other migration, got one that builds indexes');
    }
    await sleep(POLL_MS);
  }
  try {
    for (const index of indexes) await build(client, index);
  } finally {
    // if the connection is gone, so is the lock, and the cause is thrown
    await client.query(UNLOCK).catch(() => undefined);
  }
}

async function build(client: ClientBase, index: Index): Promise<void> {
  const { valid, exists } = await stateOf(client, index);
  if (valid) return;
  if (exists) await client.query(`DROP INDEX CONCURRENTLY vault.${index.name}`);
  await client.query(createIndex(index));
}

async function stateOf(
  client: ClientBase,
  { name }: Index,
): Promise<{ readonly valid: boolean; readonly exists: boolean }> {
  const row = only((await client.query<Row>(STATE, [name])).rows);
  return { valid: flag(row, 'valid'), exists: flag(row, 'exists') };
}
