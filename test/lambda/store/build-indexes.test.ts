import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { migrate } from '../../../lambda/store/migrate';
import { MIGRATIONS } from '../../../lambda/store/migrations';
import { TestDatabase } from '../../support/postgres';
import { dropVault } from './fixtures';

const INDEXES = ['idx_delegated_shares_material', 'idx_server_key_shares_material'];
/** All migrations up to the one that builds indexes. */
const BEFORE = MIGRATIONS.slice(
  0,
  MIGRATIONS.findIndex(({ indexes }) => indexes !== undefined),
);

let database: TestDatabase;
let master: Client;
let superuser: Client;
beforeAll(async () => {
  database = await TestDatabase.startEmpty();
});
beforeEach(async () => {
  master = await database.login('share_vault_master');
  superuser = await database.superuser();
  await migrate(master, { migrations: BEFORE });
});
afterEach(async () => {
  await dropVault(await database.superuser());
  await database.disconnect();
});
afterAll(() => database.stop());

const INSERT = `INSERT INTO vault.delegated_shares (id, wallet_id, chain, encrypted_delegated_share, encrypted_wallet_api_key,
  encryption_key_id) VALUES (gen_random_uuid(), $1, 'EVM', 's', 'k', 'key')`;

async function write(client: Client, wallet: string): Promise<void> {
  await client.query("INSERT INTO vault.wallets (wallet_id, chain) VALUES ($1, 'EVM')", [wallet]);
  await client.query(INSERT, [wallet]);
}

/** The state of the indexes, by name. */
async function validity(): Promise<Readonly<Record<string, boolean>>> {
  const { rows } = await superuser.query<{ name: string; valid: boolean }>(
    `SELECT indexrelid::regclass::text AS name, indisvalid AS valid FROM pg_index
      WHERE indexrelid::regclass::text LIKE 'vault.idx%material'`,
  );
  return Object.fromEntries(rows.map(({ name, valid }) => [name.replace('vault.', ''), valid]));
}
const ALL_VALID = Object.fromEntries(INDEXES.map((name) => [name, true]));

/** Resolves once a session waits for another one's transaction, as the last phases of a build do. */
async function untilBuildWaits(): Promise<void> {
  const waiting = `SELECT FROM pg_stat_activity AS a WHERE a.query LIKE 'CREATE INDEX%' AND a.wait_event_type = 'Lock'`;
  while ((await superuser.query(waiting)).rowCount === 0);
}

test('a build of indexes keeps no other session from writing, while it waits for a transaction', async () => {
  const [open, other] = [await database.superuser(), await database.superuser()];
  await open.query('BEGIN');
  await write(open, 'open');
  const migrated = migrate(master);
  await untilBuildWaits();

  try {
    // a lock in the queue would hold this up
    await other.query("SET lock_timeout = '2s'");
    await write(other, 'meanwhile');
    const { rows } = await other.query('SELECT wallet_id FROM vault.delegated_shares');
    expect(rows).toEqual([{ wallet_id: 'meanwhile' }]);
  } finally {
    await open.query('COMMIT');
    await migrated;
  }
  expect(await validity()).toEqual(ALL_VALID);
});

test('an index of an interrupted build is dropped and built again, and one that is whole is kept', async () => {
  for (const name of INDEXES) {
    await superuser.query(`CREATE INDEX ${name} ON vault.${name.slice('idx_'.length, -'_material'.length)} (id)`);
  }
  await superuser.query('UPDATE pg_index SET indisvalid = false WHERE indexrelid = $1::regclass', [
    `vault.${INDEXES[0]}`,
  ]);
  const idOf = async (name: string) =>
    (await superuser.query<{ id: number }>('SELECT $1::regclass::oid AS id', [`vault.${name}`])).rows[0]?.id;
  const before = await Promise.all(INDEXES.map(idOf));

  const { applied } = await migrate(master);

  expect(applied[0]).toBe('0027b-material-indexes');
  expect(await validity()).toEqual(ALL_VALID);
  const after = await Promise.all(INDEXES.map(idOf));
  expect(after.map((id, place) => id === before[place])).toEqual([false, true]);
});

test('a build whose connection ends throws the cause of that, not what was done after it', async () => {
  const open = await database.superuser();
  await open.query('BEGIN');
  await write(open, 'open');
  const migrated = migrate(master).catch((error: unknown) => error);
  await untilBuildWaits();
  await superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%'");

  expect(await migrated).toMatchObject({ name: 'StoreUnavailable', cause: { code: '57P01' } });
  await open.query('ROLLBACK');
});

test('a migration refuses to build while another one does, after the time that it waits for locks', async () => {
  await superuser.query("SELECT pg_advisory_lock(hashtext('share-vault'), 27)");

  await expect(migrate(master, { lockTimeoutMs: 300 })).rejects.toThrow('got one that builds indexes');
  await superuser.query("SELECT pg_advisory_unlock(hashtext('share-vault'), 27)");
  expect((await migrate(master)).applied[0]).toBe('0027b-material-indexes');
});

test('a migration after a build has the role and the limits of before', async () => {
  await migrate(master);
  const { rows } = await master.query("SELECT current_user::text AS name, current_setting('lock_timeout') AS wait");

  expect(rows).toEqual([{ name: 'share_vault_master', wait: '1s' }]);
});
