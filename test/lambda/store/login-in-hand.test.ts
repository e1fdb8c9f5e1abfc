import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { connect } from '../../../lambda/store/connection';
import { migrate } from '../../../lambda/store/migrate';
import { MIGRATIONS } from '../../../lambda/store/migrations';
import { LIMITS } from '../../../lambda/store/session-settings';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, deliveredRecord, minutesFromNow, newDelivery, newRecord, newWallet } from './fixtures';

let database: TestDatabase;
let superuser: Client;
beforeAll(async () => {
  database = await TestDatabase.start({ max_connections: 20 });
  superuser = await database.superuser();
  database.keepOpen();
});
afterEach(async () => {
  await superuser.query('ALTER ROLE vault_receiver RESET ALL; ALTER ROLE vault_revoker RESET ALL');
  await superuser.query('ALTER ROLE vault_receiver IN DATABASE share_vault RESET ALL');
  await database.disconnect();
});
afterAll(() => database.stop());

/** Logs in with an ordinary client, as the holder of a token can. */
async function byHand(user: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const { password, ...place } = await database.settings(user);
  const client = new Client({ ...place, password: await password(), ssl: { rejectUnauthorized: false } });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Resolves when a session of this user waits for a lock. */
async function untilWaiting(user: string): Promise<void> {
  const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = $1";
  while ((await superuser.query(waiting, [user])).rowCount === 0) await sleep(10);
}

const changes = async (user: string): Promise<readonly string[]> => {
  const { rows } = await superuser.query<{ entry: string }>(
    'SELECT unnest(setconfig) AS entry FROM pg_db_role_setting WHERE setrole = $1::regrole ORDER BY 1',
    [user],
  );
  return rows.map(({ entry }) => entry);
};
const limits = Object.entries(LIMITS)
  .map(([name, value]) => `${name}=${value}`)
  .sort();

/** Another value than the server's for every setting that a role may give to its own later sessions. */
const EVERY_SETTING = String.raw`
DO $$
DECLARE
  s record;
  v text;
BEGIN
  FOR s IN SELECT * FROM pg_settings WHERE context IN ('user', 'backend') LOOP
    FOREACH v IN ARRAY CASE s.vartype
      WHEN 'bool' THEN ARRAY[CASE s.setting WHEN 'on' THEN 'off' ELSE 'on' END]
      WHEN 'enum' THEN array_remove(s.enumvals, s.setting)
      WHEN 'string' THEN ARRAY['GMT+14', 'SQL, DMY', 'vault_api', 'C', '$libdir/none', 'all', '1']
      ELSE ARRAY['1', s.min_val, s.max_val] END
    LOOP
      BEGIN
        EXECUTE format('ALTER ROLE CURRENT_USER SET %I = %L', s.name, v);
        EXIT;
      EXCEPTION WHEN OTHERS THEN
        NULL;
      END;
    END LOOP;
  END LOOP;
  ALTER ROLE CURRENT_USER SET role = 'rds_iam';
END
$$`;

describe('a login role that changes settings of its own', () => {
  test.each([
    ['default_transaction_read_only = on'],
    ['default_transaction_isolation = serializable'],
    ['statement_timeout = 1'],
    ['idle_session_timeout = 1'],
    ['transaction_timeout = 1'],
    ['local_preload_libraries = none'],
    ['role = rds_iam'],
    ['search_path = none'],
    ['DateStyle = German'],
  ])('stops no delivery: %s', async (setting) => {
    await byHand('vault_receiver', (client) => client.query(`ALTER ROLE vault_receiver SET ${setting}`));
    const receiver = await database.store('vault_receiver');

    const outcome = receiver.receiveCreated(deliveredRecord(newWallet()), newDelivery(minutesFromNow(0)), soon());

    await expect(outcome).resolves.toBe('sealed');
  });

  test('has none of them left in the sessions of the functions, whatever it changed', async () => {
    await byHand('vault_receiver', (client) => client.query(EVERY_SETTING));
    const set = (await changes('vault_receiver')).length;
    const receiver = await database.store('vault_receiver');
    const client = await connect(await database.settings('vault_receiver'), soon());

    const { rows } = await client.query("SELECT name FROM pg_settings WHERE source IN ('user', 'database user')");
    await client.end();

    expect(set).toBeGreaterThan(120);
    expect(rows).toEqual([]);
    const delivered = receiver.receiveCreated(deliveredRecord(newWallet()), newDelivery(minutesFromNow(0)), soon());
    await expect(delivered).resolves.toBe('sealed');
  });

  test('is served with a setting that only an administrator may give it, which stays', async () => {
    await superuser.query('ALTER ROLE vault_receiver SET lo_compat_privileges = on');
    const receiver = await database.store('vault_receiver');

    const delivered = receiver.receiveCreated(deliveredRecord(newWallet()), newDelivery(minutesFromNow(0)), soon());

    await expect(delivered).resolves.toBe('sealed');
    const { rows } = await (await database.login('vault_receiver')).query('SHOW lo_compat_privileges');
    expect(rows).toEqual([{ lo_compat_privileges: 'on' }]);
  });

  test('loses them at the next migration, which names them and none of their values', async () => {
    await byHand('vault_receiver', async (client) => {
      await client.query("ALTER ROLE vault_receiver SET DateStyle = 'German'");
      await client.query('ALTER ROLE vault_receiver IN DATABASE share_vault SET synchronous_commit = off');
      await client.query("ALTER ROLE vault_receiver SET statement_timeout = '7ms'");
    });

    const answer = await migrate(await database.login('share_vault_master'));

    expect(answer.warnings).toEqual([
      'reset a setting that a login role had: vault_receiver DateStyle',
      'reset a setting that a login role had: vault_receiver statement_timeout',
      'reset a setting that a login role had: vault_receiver synchronous_commit',
    ]);
    await expect(changes('vault_receiver')).resolves.toEqual(limits);
    await expect(migrate(await database.login('share_vault_master'))).resolves.not.toHaveProperty('warnings');
  });

  test('gets the limits back that it lifted at the next migration', async () => {
    await byHand('vault_receiver', (client) => client.query('ALTER ROLE vault_receiver RESET ALL'));

    await migrate(await database.login('share_vault_master'));

    await expect(changes('vault_receiver')).resolves.toEqual(limits);
  });
});

describe('a login that only reads', () => {
  const LATER = { name: '9999-later', sql: 'ALTER TABLE vault.wallets ADD COLUMN later integer' };
  const holdWallets = async (client: Client) => {
    await client.query('SET idle_in_transaction_session_timeout = 0');
    await client.query("BEGIN; SELECT vault_api.chain_head('w', 'EVM')");
  };
  afterEach(async () => {
    await superuser.query("DELETE FROM vault.migrations WHERE name LIKE '9%'");
    await superuser.query('ALTER TABLE vault.wallets DROP COLUMN IF EXISTS later');
  });

  test('stops no migration by an advisory lock', async () => {
    await byHand('vault_auditor', async (client) => {
      await client.query("SELECT pg_advisory_lock(hashtextextended('share-vault migrations', 0))");

      const migration = migrate(await database.login('share_vault_master'), { lockTimeoutMs: 2_000 });

      await expect(migration).resolves.toMatchObject({ applied: [] });
    });
  });

  test('stops no other call by an open transaction while a migration waits for it', async () => {
    await byHand('vault_auditor', async (client) => {
      await holdWallets(client);
      const migration = migrate(await database.login('share_vault_master'), { migrations: [...MIGRATIONS, LATER] });
      await untilWaiting('share_vault_master');
      const sealer = await database.store('vault_sealer');

      await expect(sealer.seal(newRecord(newWallet()), caller, soon())).resolves.toBeDefined();
      await client.query('COMMIT');

      await expect(migration).resolves.toMatchObject({ applied: ['9999-later'] });
    });
  });

  test('stops no migration by an open transaction if the master may end sessions', async () => {
    await superuser.query('GRANT pg_signal_backend, pg_monitor TO share_vault_master');
    await byHand('vault_auditor', async (client) => {
      client.on('error', () => undefined);
      await holdWallets(client);
      const options = { migrations: [...MIGRATIONS, LATER], stuckMs: 0 };

      const migration = migrate(await database.login('share_vault_master'), options);

      await expect(migration).resolves.toMatchObject({ applied: ['9999-later'] });
    });
    await superuser.query('REVOKE pg_signal_backend, pg_monitor FROM share_vault_master');
  });

  test('leaves connections to the other logins, however many it opens', async () => {
    const opened = await Promise.allSettled(Array.from({ length: 20 }, () => database.login('vault_auditor')));
    const sealer = await database.store('vault_sealer');

    const sealed = sealer.seal(newRecord(newWallet()), caller, soon());

    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    await expect(sealed).resolves.toBeDefined();
  });

  test.each(['postgres', 'template1'])('enters no other database: %s', async (name) => {
    const entered = connect({ ...(await database.settings('vault_auditor')), database: name }, soon());

    await expect(entered).rejects.toMatchObject({ code: '42501' });
  });
});

describe('what a login can still do, as SECURITY.md says', () => {
  test('fill the table of locks until its session ends', async () => {
    const sealer = await database.store('vault_sealer');
    await byHand('vault_auditor', async (client) => {
      const locks = client.query('SELECT count(pg_advisory_lock(n)) FROM generate_series(1, 1000000) AS n');
      await expect(locks).rejects.toMatchObject({ code: '53200' });
      await expect(sealer.seal(newRecord(newWallet()), caller, deadlineIn(500))).rejects.toThrowWithCode(
        'StoreUnavailable',
      );
    });
    await expect(sealer.seal(newRecord(newWallet()), caller, soon())).resolves.toBeDefined();
  });

  test('end sessions of its own user, after which a function connects again', async () => {
    const sealer = await database.store('vault_sealer');
    await sealer.seal(newRecord(newWallet()), caller, soon());
    await byHand(
      'vault_sealer',
      (client) =>
      client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vault_sealer' AND pid <> pg_backend_pid()"), // prettier-ignore
    );
    await expect(sealer.seal(newRecord(newWallet()), caller, soon())).resolves.toBeDefined();
  });

  test('use up the processor, memory and temporary files', async () => {
    await byHand('vault_auditor', async (client) => {
      await client.query("SET work_mem = '64kB'");
      const sorted = await client.query('EXPLAIN ANALYZE SELECT FROM generate_series(1, 20000) AS n ORDER BY random()');
      expect(JSON.stringify(sorted.rows)).toContain('Disk: ');
    });
  });

  test('store large objects', async () => {
    await byHand('vault_auditor', async (client) => {
      const stored = await client.query("BEGIN; SELECT lo_from_bytea(0, '\\x00'); ROLLBACK");
      expect(stored).toHaveLength(3);
    });
  });
});
