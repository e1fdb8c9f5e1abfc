import type { ClientBase } from 'pg';
import type { MigrateAnswer } from '../api';
import { type Deadline, deadlineIn } from '../deadline';
import { VaultError } from '../errors';
import { BOOTSTRAP, LOGIN_ROLES } from './bootstrap';
import { HISTORY, readHistory, requireSamePast, sha256Of } from './history';
import { MIGRATIONS } from './migrations';
import type { Migration } from './migrations/migration';
import { AUDIT_BOOTSTRAP, auditObjects } from './object-audit';
import { queryError } from './pg-errors';
import { count, only } from './rows';
import type { Row } from './session';
import { requireShareKeys, sealedTables } from './share-keys';

export interface MigrateOptions {
  /** @default - this release's */
  readonly migrations?: readonly Migration[];
  /** how long to wait for another migration, or for a table in use, milliseconds @default 30000 */
  readonly lockTimeoutMs?: number;
  /** ARNs of the keys that records may be sealed under from now on: one that is missing refuses the deploy @default - any */
  readonly shareKeys?: readonly string[];
  /** when to be done: expired records that there is no time for are left to the next call @default - in 60 s */
  readonly deadline?: Deadline;
}

/** Report of a migration on the database. */
export type Migrated = Omit<MigrateAnswer, 'user'>;

/** Two migrations of one database never run at once. */
const LOCK = "pg_catalog.hashtextextended('share-vault migrations', 0)";
/** Kept of the time for the last batch and the answer. */
const SWEEP_MARGIN_MS = 15_000;

/**
 * Brings the database to this release's schema, or leaves it where it is at a later one: the old code runs against the
 * new schema after a rollback. The client logs in as the master, who also makes the roles, or as `vault_migrator`.
 * Throws `VaultError`: `InternalError` where an applied migration is not the one that this release has or where one
 * fails, `Misconfigured` if a record is sealed under a share key that is not given, or if `vault_migrator` lacks a user
 * that only the master makes, `StoreUnavailable` if another migration goes on for too long. Each is applied whole or not
 * at all.
 */
export async function migrate(client: ClientBase, options: MigrateOptions = {}): Promise<Migrated> {
  const migrations = options.migrations ?? MIGRATIONS;
  try {
    await client.query(`SET lock_timeout = ${Math.floor(options.lockTimeoutMs ?? 30_000)}`);
    await client.query(`SELECT pg_catalog.pg_advisory_lock(${LOCK})`);
    try {
      await checkShareKeys(client, options.shareKeys);
      const answer = await migrateAlone(client, migrations);
      await sweep(client, options.deadline ?? deadlineIn(60_000));
      return answer;
    } finally {
      // a lost connection has given the lock back by itself
      await client.query(`SELECT pg_catalog.pg_advisory_unlock(${LOCK})`).catch(() => undefined);
    }
  } catch (error) {
    throw error instanceof VaultError ? error : queryError(error);
  }
}

/** Before anything is changed: a refused deploy leaves the database to the former one. */
async function checkShareKeys(client: ClientBase, shareKeys: readonly string[] | undefined): Promise<void> {
  if (shareKeys === undefined) return;
  const tables = await sealedTables(client);
  if (tables.length > 0) await asOwner(client, () => requireShareKeys(client, tables, shareKeys));
}

async function migrateAlone(client: ClientBase, migrations: readonly Migration[]): Promise<Migrated> {
  if (await mayCreateRoles(client)) await inTransaction(client, () => client.query(BOOTSTRAP + AUDIT_BOOTSTRAP));
  else await requireLoginRoles(client);
  await asOwner(client, () => client.query(HISTORY));
  const applied = await asOwner(client, () => readHistory(client));
  requireSamePast(applied, migrations);
  const missing = migrations.slice(applied.length);
  for (const migration of missing) await apply(client, migration);
  const audited = await asOwner(client, () => auditObjects(client));
  const names = missing.map(({ name }) => name);
  return { applied: names, current: names.at(-1) ?? applied.at(-1)?.name ?? '', audited };
}

async function apply(client: ClientBase, migration: Migration): Promise<void> {
  await asOwner(client, async () => {
    await client.query(migration.sql);
    const values = [migration.name, sha256Of(migration)];
    await client.query('INSERT INTO vault.migrations (name, sha256) VALUES ($1, $2)', values);
  });
}

/** Destroys what has expired, each batch in a transaction of its own. */
async function sweep(client: ClientBase, deadline: Deadline): Promise<void> {
  while (deadline.remainingMs() > SWEEP_MARGIN_MS) {
    const destroyed = await asOwner(client, () => client.query<Row>('SELECT vault_api.destroy_expired() AS destroyed'));
    if (count(only(destroyed.rows), 'destroyed') === 0) return;
  }
}

async function mayCreateRoles(client: ClientBase): Promise<boolean> {
  const query = 'SELECT FROM pg_catalog.pg_roles WHERE rolname = current_user AND (rolcreaterole OR rolsuper)';
  return (await client.query(query)).rowCount === 1;
}

/** Without it a migration would end at its first grant, with a code only. */
async function requireLoginRoles(client: ClientBase): Promise<void> {
  const query =
    'SELECT name FROM pg_catalog.unnest($1::text[]) AS name WHERE name NOT IN (SELECT rolname FROM pg_catalog.pg_roles)';
  const [missing] = (await client.query<{ name: string }>(query, [LOGIN_ROLES])).rows;
  if (missing === undefined) return;
  throw new VaultError(
    'Misconfigured',
    `expected the database user ${missing.name}, got none: a migration as the master makes it`,
  );
}

function asOwner<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  return inTransaction(client, async () => {
    await client.query('SET LOCAL ROLE vault_owner');
    return work();
  });
}

async function inTransaction<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
