import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { TestDatabase } from '../../support/postgres';

const RECORDS = 5_000;
/** More than 500 and 2 %, less than PostgreSQL's own 20 %. */
const DEAD = 700;
/** Many times as long as it takes: two runs of autovacuum, on a machine that does other things too. */
const PATIENCE_MS = 60_000;
const SETTINGS = ['autovacuum_vacuum_threshold=500', 'autovacuum_vacuum_scale_factor=0.02'];

let database: TestDatabase;
let superuser: Client;
beforeAll(async () => {
  // it would also clean after many inserts, which says nothing here
  database = await TestDatabase.start({ autovacuum_naptime: '1s', autovacuum_vacuum_insert_threshold: '-1' });
  superuser = await database.superuser();
});
afterAll(() => database.stop());

test('every table with sealed messages of wallets, and its table for long values, is cleaned by settings of its own', async () => {
  const { rows } = await superuser.query<{ name: string; own: string[]; toast: string[] }>(
    `SELECT c.relname::text AS name, c.reloptions AS own, t.reloptions AS toast
      FROM pg_class AS c JOIN pg_class AS t ON t.oid = c.reltoastrelid
      WHERE EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.atttypid = 'vault.message'::regtype)
        -- few rows, whose messages hold no material
        AND c.relname NOT IN ('restore_canaries', 'restore_tests') ORDER BY 1`,
  );

  expect(rows).toEqual(
    ['delegated_shares', 'server_key_shares'].map((name) => ({
      name,
      own: expect.arrayContaining(SETTINGS),
      toast: SETTINGS,
    })),
  );
});

/** Returns how often autovacuum has cleaned the table of delegated shares, and its table for long values. */
async function cleaned(): Promise<readonly number[]> {
  const { rows } = await superuser.query<{ times: string }>(
    `SELECT s.autovacuum_count AS times FROM pg_class AS c
      JOIN pg_stat_all_tables AS s ON s.relid IN (c.oid, c.reltoastrelid)
      WHERE c.oid = 'vault.delegated_shares'::regclass`,
  );
  return rows.map(({ times }) => Number(times));
}

test('autovacuum cleans both once some hundred records were replaced, and not only a fifth of all', async () => {
  await superuser.query("INSERT INTO vault.wallets (wallet_id, chain) SELECT n::text, 'EVM' FROM generate_series(1, $1::integer) AS n", [RECORDS]); // prettier-ignore
  const message = "decode(repeat(md5(n::text), 75), 'hex')";
  await superuser.query(
    `INSERT INTO vault.delegated_shares (id, wallet_id, chain, encrypted_delegated_share, encrypted_wallet_api_key,
        encryption_key_id) SELECT gen_random_uuid(), n::text, 'EVM', ${message}, ${message}, 'key'
      FROM generate_series(1, $1::integer) AS n`,
    [RECORDS],
  );
  await superuser.query('VACUUM ANALYZE vault.delegated_shares');
  const before = await cleaned();
  await superuser.query(
    `UPDATE vault.delegated_shares SET encrypted_delegated_share = encrypted_delegated_share || '\\x00',
        encrypted_wallet_api_key = encrypted_wallet_api_key || '\\x00'
      WHERE wallet_id::integer <= $1::integer`,
    [DEAD],
  );
  const both = async () => (await cleaned()).every((times, i) => times > (before[i] ?? 0));
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end && !(await both());) await sleep(50);

  expect(await both()).toBe(true);
});
