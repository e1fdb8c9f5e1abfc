import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { migrate } from '../../../lambda/store/migrate';
import { MIGRATIONS } from '../../../lambda/store/migrations';
import { verifyLog } from '../../../lambda/store/verify-log';
import { TestDatabase, soon } from '../../support/postgres';
import { newWallet } from './fixtures';
import { appendAt, makePastMonths, monthStart, partitionOf } from './log-months';

/** All migrations up to the one that brings partitions. */
const BEFORE = MIGRATIONS.slice(
  0,
  MIGRATIONS.findIndex(({ name }) => name.startsWith('0041')),
);
const DEFAULT = 'share_access_log_default';
const FUTURE = expect.stringContaining('rows of the far future') as unknown;

let database: TestDatabase;
let master: Client;
let superuser: Client;
const start = async (kind: 'start' | 'startEmpty'): Promise<void> => {
  database = await TestDatabase[kind]();
  master = await database.login('share_vault_master');
  superuser = await database.superuser();
};
afterEach(() => database.stop());

const APPEND = "SELECT vault.append_log($1, 'EVM', 'unseal', 'granted', 'signer', 'request', NULL, NULL)";

/** As a handler's function does: the wallet's row is locked. */
async function append(client: Client, walletId: string): Promise<void> {
  await client.query('BEGIN');
  await client.query("SELECT vault.lock_wallet($1, 'EVM')", [walletId]);
  await client.query(APPEND, [walletId]);
  await client.query('COMMIT');
}

async function partitions(): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ name: string }>('SELECT name FROM vault_api.log_partitions()');
  return rows.map(({ name }) => name);
}

/** The partitions that have rows, each with how many. */
async function rowsOf(): Promise<Readonly<Record<string, number>>> {
  const { rows } = await superuser.query<{ name: string; rows: number }>(
    'SELECT l.tableoid::regclass::text AS name, count(*)::integer AS rows FROM vault.share_access_log AS l GROUP BY 1 ORDER BY 1',
  );
  return Object.fromEntries(rows.map(({ name, rows: count }) => [name.replace('vault.', ''), count]));
}

/** Drops the months after this one, as if no sweep had made them. */
async function dropMonthsAhead(): Promise<void> {
  for (const month of [1, 2, 3]) await superuser.query(`DROP TABLE vault.${partitionOf(month)}`);
}

const verify = async (walletId: string) =>
  verifyLog(await database.store('vault_auditor'), { walletId, chain: 'EVM' }, {}, soon());

describe('a database of this release', () => {
  beforeEach(() => start('start'));

  test('has this month and the next three, and a sweep makes the missing ones again', async () => {
    const all = [...[0, 1, 2, 3].map(partitionOf), DEFAULT];
    const made = await partitions();
    await dropMonthsAhead();

    await migrate(master, { isSweep: true });

    expect(made).toEqual(all);
    expect(await partitions()).toEqual(all);
  });

  test('has months made ahead by the sweep of an earlier release too', async () => {
    await dropMonthsAhead();

    await superuser.query('SET ROLE vault_owner');
    await superuser.query('SELECT vault_api.destroy_expired()');

    expect(await partitions()).toEqual([...[0, 1, 2, 3].map(partitionOf), DEFAULT]);
  });

  test('appends rows of a month without a partition to the default one, which becomes a partition at the next sweep', async () => {
    const wallet = newWallet();
    await dropMonthsAhead();
    await appendAt(superuser, wallet, new Date());
    await appendAt(superuser, wallet, monthStart(1));
    const before = await rowsOf();

    const { warnings } = await migrate(master, { isSweep: true });
    await appendAt(superuser, wallet, monthStart(2));

    expect(before).toEqual({ [partitionOf(0)]: 1, [DEFAULT]: 1 });
    expect(warnings).toBeUndefined();
    expect(await rowsOf()).toEqual({ [partitionOf(0)]: 1, [partitionOf(1)]: 1, [partitionOf(2)]: 1 });
    expect(await verify(wallet.walletId)).toMatchObject({ intact: true, length: 3 });
  });

  test('keeps rows of the far future in the default partition, warns of them, and appends on', async () => {
    const wallet = newWallet();
    await dropMonthsAhead();
    await appendAt(superuser, wallet, monthStart(30));

    const { warnings } = await migrate(master, { isSweep: true });
    await appendAt(superuser, wallet, monthStart(1));
    await append(superuser, wallet.walletId);

    expect(warnings).toEqual([FUTURE]);
    expect(await rowsOf()).toEqual({ [partitionOf(0)]: 1, [DEFAULT]: 2 });
    expect(await verify(wallet.walletId)).toMatchObject({ intact: true, length: 3 });
  });

  test('drops what an interrupted sweep left in the default partition before it would refuse rows', async () => {
    const soonest = new Date(Date.now() + 13 * 86_400_000).toISOString();
    await superuser.query('SET ROLE vault_owner');
    await superuser.query(`ALTER TABLE vault.${DEFAULT} ADD CONSTRAINT ends CHECK (at < '${soonest}') NOT VALID`);

    await superuser.query('SELECT vault_api.destroy_expired()');
    const { rowCount } = await superuser.query(
      "SELECT FROM pg_constraint WHERE conrelid = 'vault.share_access_log_default'::regclass AND contype = 'c'",
    );

    expect(rowCount).toBe(0);
  });

  test('takes no updates or deletions of log rows, in any partition', async () => {
    const wallet = newWallet();
    await appendAt(superuser, wallet, new Date());
    for (const table of ['share_access_log', partitionOf(0), partitionOf(3), DEFAULT]) {
      for (const change of [
        `DELETE FROM vault.${table}`,
        `UPDATE vault.${table} SET actor = 'x'`,
        `TRUNCATE vault.${table}`,
      ]) {
        await expect(superuser.query(change)).rejects.toMatchObject({ code: 'SV004' });
      }
    }
    await expect(superuser.query('TRUNCATE vault.share_access_log CASCADE')).rejects.toMatchObject({ code: 'SV004' });
  });

  test('numbers rows of one wallet by its row, under its lock, over the end of a month and in concurrent sessions', async () => {
    const wallet = newWallet();
    await appendAt(superuser, wallet, new Date(Number(monthStart(0)) - 1));
    await appendAt(superuser, wallet, monthStart(0));
    const clients = [await database.superuser(), await database.superuser(), await database.superuser()];
    await Promise.all(
      clients.map(async (client) => {
        for (let turn = 0; turn < 10; turn += 1) await append(client, wallet.walletId);
      }),
    );
    const { rows } = await superuser.query(
      `SELECT count(DISTINCT sequence)::integer AS numbers, count(*)::integer AS rows, max(sequence)::integer AS last
        FROM vault.share_access_log WHERE wallet_id = $1`,
      [wallet.walletId],
    );

    expect(rows).toEqual([{ numbers: 32, rows: 32, last: 32 }]);
    expect(await verify(wallet.walletId)).toMatchObject({ intact: true, length: 32 });
  });

  test('keeps the time of the newest row for a restored database, from the last rows of the newest partition with any', async () => {
    const wallet = newWallet();
    const newest = async () => (await superuser.query('SELECT vault.newest_log_time() AS at')).rows[0] as { at: Date };
    const none = await newest();
    await appendAt(superuser, wallet, monthStart(-1));
    await appendAt(superuser, wallet, monthStart(0));
    const first = await newest();
    await appendAt(superuser, wallet, monthStart(1));

    expect([none, first, await newest()]).toEqual([{ at: null }, { at: monthStart(0) }, { at: monthStart(1) }]);
  });
});

/** Statements of functions that read the log, as they are planned there: with parameters whose values are unknown. */
const STATEMENTS = {
  read_log_span: `SELECT l.sequence FROM vault.share_access_log AS l WHERE l.wallet_id = $1 AND l.chain = $2 AND l.sequence > $3
    AND l.at >= $4 AND l.at < $5 ORDER BY l.sequence LIMIT 5000`,
  is_known: `SELECT EXISTS (SELECT FROM vault.share_access_log AS l
    WHERE l.wallet_id = $1 AND l.chain = $2 AND l.sequence > $3 AND l.at >= $4 AND l.at < $5 AND l.action <> 'revoke')`,
  chain_heads_at: `SELECT l.sequence FROM vault.wallets AS w LEFT JOIN LATERAL (SELECT l.sequence, l.hash FROM vault.share_access_log AS l
      WHERE l.wallet_id = w.wallet_id AND l.chain = w.chain AND l.at <= $5 ORDER BY l.sequence DESC LIMIT 1) AS l ON true
    WHERE (w.wallet_id, w.chain) > ($1, $2) AND $3::bigint = 0 AND $4::timestamptz IS NOT NULL ORDER BY w.wallet_id, w.chain LIMIT 5000`,
  newest_log_time: `SELECT max(l.at) FROM vault.${partitionOf(0)} AS l WHERE l.ctid >= '(0,0)' AND l.ctid < '(256,0)'
    AND ($1::text, $2::text, $3::bigint, $4::timestamptz, $5::timestamptz) IS NOT NULL`,
};

test.each(Object.entries(STATEMENTS))('%s reads no partition as a whole', async (_, statement) => {
  await start('start');
  await makePastMonths(superuser, 6);
  await superuser.query(
    "INSERT INTO vault.wallets (wallet_id, chain) SELECT 'w' || n, 'EVM' FROM generate_series(1, 2000) AS n",
  );
  await superuser.query(`INSERT INTO vault.share_access_log
    SELECT 'w' || n, 'EVM', m + 7, now() + m * interval '1 month', 'unseal', 'granted', 'a', 'q', NULL, NULL, sha256('p'), sha256('h')
      FROM generate_series(1, 2000) AS n, generate_series(-6, 1) AS m`);
  await superuser.query(
    'ANALYZE vault.share_access_log; ANALYZE vault.wallets; SET plan_cache_mode = force_generic_plan',
  );
  await superuser.query(`PREPARE reads (text, text, bigint, timestamptz, timestamptz) AS ${statement}`);
  const { rows } = await superuser.query<Record<string, string>>(
    "EXPLAIN (ANALYZE) EXECUTE reads ('w77', 'EVM', 0, now() - interval '1 day', now() + interval '1 day')",
  );
  const plan = rows.map((row) => Object.values(row).join('')).join('\n');

  // the empty months ahead and the default are read in no time, whichever way
  const whole = plan
    .split('\n')
    .filter(
      (line) =>
        line.includes('Seq Scan on share_access_log') &&
        !/actual [^)]*rows=0/.test(line) &&
        !line.includes('never executed'),
    );
  expect({ whole, plan: plan.includes('Scan') }).toEqual({ whole: [], plan: true });
});

describe('a database of the former release', () => {
  beforeEach(async () => {
    await start('startEmpty');
    await migrate(master, { migrations: BEFORE });
  });

  const file = async (name: string) => {
    const { rows } = await superuser.query<{ file: string }>('SELECT pg_relation_filenode($1::regclass) AS file', [
      name,
    ]);
    return rows[0]?.file;
  };

  test('keeps its rows where they are, as the partition up to the end of the next month', async () => {
    await append(superuser, 'former');
    const before = await file('vault.share_access_log');

    const { warnings } = await migrate(master);
    await append(superuser, 'former');

    expect(warnings).toBeUndefined();
    expect(await partitions()).toEqual([...[1, 2, 3].map(partitionOf), DEFAULT]);
    expect(await rowsOf()).toEqual({ [partitionOf(1)]: 2 });
    expect(await file(`vault.${partitionOf(1)}`)).toBe(before);
    expect(await verify('former')).toMatchObject({ intact: true, length: 2 });
  });

  test('appends in sessions that are open over the migration, while it runs and after it', async () => {
    const wallets = ['one', 'two', 'three'];
    const clients = await Promise.all(wallets.map(async (wallet) => ({ wallet, client: await database.superuser() })));
    let done = false;
    const appended = clients.map(async ({ wallet, client }) => {
      let count = 0;
      for (let after = 0; after < 5; after += done ? 1 : 0, count += 1) await append(client, wallet);
      return count;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await migrate(master);
    done = true;
    const counts = await Promise.all(appended);

    for (const [at, wallet] of wallets.entries()) {
      expect(await verify(wallet)).toMatchObject({ intact: true, length: counts[at] });
    }
  });

  test('is left with its rows in the default partition if there is no time to check them, and appends on', async () => {
    await append(superuser, 'former');

    const { warnings } = await migrate(master, { deadline: deadlineIn(1_000) });
    await append(superuser, 'former');
    const between = await rowsOf();
    const second = await migrate(master, { isSweep: true });

    expect(warnings).toContainEqual(expect.stringContaining('the next sweep continues'));
    expect(between).toEqual({ [DEFAULT]: 2 });
    expect(second.warnings).toBeUndefined();
    expect(await rowsOf()).toEqual({ [partitionOf(1)]: 2 });
  });
});
