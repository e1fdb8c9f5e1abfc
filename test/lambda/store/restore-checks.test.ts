import { beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { migrate } from '../../../lambda/store/migrate';
import { PostgresRestoreChecks } from '../../../lambda/store/restore-checks';
import { Session } from '../../../lambda/store/session';
import { soon } from '../../support/postgres';
import { caller, newRecordOf, newWallet } from './fixtures';
import { database, sealer, superuser, useStores } from './stores';

/** The statements of the function's user, and what somebody with its login can do by hand. */

useStores(['sealer']);
let checks: PostgresRestoreChecks;
let client: Client;
beforeAll(async () => {
  checks = new PostgresRestoreChecks(new Session(await database.settings('vault_restore_checker')));
  client = await database.login('vault_restore_checker');
  database.keepOpen();
});

const sealedFacts = (changes = {}) => ({ facts: '{}', sealed: randomBytes(300), ...changes });
const keep = async (changes = {}) => {
  const id = randomUUID();
  await checks.keep(id, sealedFacts(changes), soon());
  return id;
};

describe('a canary', () => {
  test('is read as it was kept, by its id and as the newest one', async () => {
    const wanted = sealedFacts({ facts: '{"a":"ü"}' });
    const id = await keep(wanted);

    const canary = await checks.canary(id, soon());

    expect(canary).toEqual({ id, madeAt: expect.any(Date), ...wanted });
    expect(await checks.newest(undefined, soon())).toEqual(canary);
    expect(await checks.newest(new Date(0), soon())).toBeUndefined();
    expect(await checks.canary(randomUUID(), soon())).toBeUndefined();
  });

  test('that is kept again under its id stays the first one', async () => {
    const id = await keep({ facts: '1' });

    await checks.keep(id, sealedFacts({ facts: '2' }), soon());

    expect(await checks.canary(id, soon())).toMatchObject({ facts: '1' });
  });

  test.each([
    ['sealed bytes', { sealed: randomBytes(4_097) }],
    ['facts', { facts: 'x'.repeat(4_097) }],
  ])('is refused with %s of more than 4 KiB', async (_what, changes) => {
    await expect(keep(changes)).rejects.toThrow();
    await keep({ sealed: randomBytes(4_096), facts: 'x'.repeat(4_096) });
  });

  test('goes away once 400 newer ones exist, unless it is the first of all', async () => {
    const first = await keep();
    await superuser.query('DELETE FROM vault.restore_canaries WHERE id <> $1', [first]);
    const second = await keep();
    await superuser.query(`INSERT INTO vault.restore_canaries (id, made_at, sealed, facts)
      SELECT gen_random_uuid(), clock_timestamp() + n * interval '1 second', 's', '{}' FROM generate_series(1, 399) AS n`);
    expect(await checks.canary(second, soon())).toBeDefined();

    await keep();
    await superuser.query(`INSERT INTO vault.restore_canaries (id, made_at, sealed, facts)
      VALUES (gen_random_uuid(), clock_timestamp() + interval '1 hour', 's', '{}')`);
    await keep();

    expect(await checks.canary(second, soon())).toBeUndefined();
    expect(await checks.canary(first, soon())).toBeDefined();
    const { rows } = await superuser.query<{ n: string }>('SELECT count(*) AS n FROM vault.restore_canaries');
    expect(Number(rows[0]?.n)).toBe(401);
    await superuser.query('DELETE FROM vault.restore_canaries');
  });
});

describe('with the login of the function in hand,', () => {
  test.each([
    ['change a canary', "UPDATE vault.restore_canaries SET facts = '{}'"],
    ['delete a canary', 'DELETE FROM vault.restore_canaries'],
    ['change a result', "UPDATE vault.restore_tests SET facts = '{}'"],
    ['delete a result', 'DELETE FROM vault.restore_tests'],
    ['read a share', 'SELECT * FROM vault.delegated_shares'],
    [
      'open a share',
      `CALL vault_api.unseal_records('[{"kind":"delegated-share","wallet_id":"w","chain":"EVM"}]', 'r', 'a', 'q', NULL)`,
    ],
    ['claim a reseal', "SELECT vault_api.begin_reseal('run', '{key}', 1, 'q')"],
    ['revoke a wallet', "SELECT * FROM vault_api.revoke_kinds('w', 'EVM', ARRAY['delegated-share'], 'r', 'a', 'q')"],
    ['thaw', "SELECT * FROM vault_api.confirm_thaw(1, 'b', 'q')"],
  ])('nobody can %s', async (_what, statement) => {
    await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  test('a second result of a job is ignored, also one that is sealed', async () => {
    const failed = await checks.writeTest('job-1', { facts: '{"a":1}', sealed: undefined }, soon());
    expect(failed).toMatchObject({ successful: false });

    const { rows } = await client.query("SELECT * FROM vault_api.write_restore_test('job-1', '{}', 'forged')");

    expect(rows).toMatchObject([{ successful: false, facts: '{"a":1}', sealed: null }]);
    expect(await checks.test('job-1', soon())).toEqual(failed);
  });

  test('the function can not be led to other tables by a search path', async () => {
    await client.query("SET search_path = 'nowhere'");
    await expect(client.query('SELECT * FROM vault_api.restore_facts(NULL)')).resolves.toMatchObject({ rowCount: 1 });
    await client.query('RESET search_path');
  });
});

describe('the records of a wallet', () => {
  test('have a digest that their messages and their context change, and an opening does not', async () => {
    const record = newRecordOf('delegated-share', newWallet());
    await sealer.seal(record, caller, soon());
    const digest = async () => (await checks.digestsOf([record], soon()))[0]?.records;
    const before = await digest();

    await superuser.query('UPDATE vault.delegated_shares SET access_count = access_count + 1 WHERE id = $1', [
      record.recordId,
    ]);
    expect(await digest()).toBe(before);

    const digests = [];
    for (const change of [
      "encrypted_delegated_share = encrypted_delegated_share || 'x'",
      "encrypted_wallet_api_key = encrypted_wallet_api_key || 'x'",
      "user_id = 'another'",
      "public_key = 'another'",
      "share_set_id = 'another'",
      "properties_sha256 = sha256('another')",
      "encryption_key_id = 'another'",
      "key_material_id = repeat('b', 64)",
      'superseded_at = now(), superseded_by = gen_random_uuid()',
    ]) {
      await superuser.query(`UPDATE vault.delegated_shares SET ${change} WHERE id = $1`, [record.recordId]);
      digests.push(await digest());
    }
    expect(new Set([before, ...digests]).size).toBe(10);
  });

  test('are read a page after another, each wallet once', async () => {
    await superuser.query("SELECT vault.lock_wallet('page-' || n, 'EVM') FROM generate_series(1, 300) AS n");
    const names: string[] = [];
    for (let page = await checks.digests(undefined, soon()); page.length > 0;) {
      names.push(...page.map(({ walletId, chain }) => `${walletId} ${chain}`));
      page = await checks.digests(page.at(-1), soon());
    }

    const { rows } = await superuser.query<{ n: string }>('SELECT count(*) AS n FROM vault.wallets');
    expect([names.length, new Set(names).size]).toEqual([Number(rows[0]?.n), Number(rows[0]?.n)]);
  });
});

/** Returns the plan of a function's statement, made without the values of its parameters, under the function's settings. */
async function planOf(routine: string, values: string): Promise<string> {
  const { rows } = await superuser.query<{ body: string; names: string[]; types: string[]; settings: string[] }>(
    `SELECT prosrc AS body, proargnames[:pronargs] AS names, proargtypes::oid[]::regtype[]::text[] AS types,
        proconfig AS settings FROM pg_proc WHERE proname = $1`,
    [routine],
  );
  const [{ body, names, types, settings } = { body: '', names: [], types: [], settings: [] }] = rows;
  const statement = names.reduce((sql, name, at) => sql.replaceAll(name, `$${String(at + 1)}`), body);
  const planner = await database.superuser();
  for (const setting of settings) await planner.query(`SET ${setting}`);
  await planner.query(`SET plan_cache_mode = force_generic_plan; PREPARE page(${types.join(', ')}) AS ${statement}`);
  const plan = await planner.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE page(${values})`);
  return plan.rows.map((row) => row['QUERY PLAN']).join('\n');
}

test.each([
  ['record_digests', "'w', 'EVM', 250", /Seq Scan|Bitmap|Hash Join|Sort/],
  // of the named wallets only
  ['record_digests_of', "'{w}', '{EVM}'", /Seq Scan|Bitmap|Hash Join/],
])('the plan of %s reads no whole table, however many wallets there are', async (routine, values, whole) => {
  await superuser.query(`INSERT INTO vault.wallets (wallet_id, chain)
    SELECT gen_random_uuid()::text, 'EVM' FROM generate_series(1, 20000); ANALYZE vault.wallets`);

  const plan = await planOf(routine, values);

  expect(plan).toMatch(/Index Scan using \w+ on wallets/);
  expect(plan).not.toMatch(whole);
});

test('a migration of a restored database leaves its canaries and results, and freezes it', async () => {
  const id = await keep();
  await checks.writeTest('job-2', { facts: '{}', sealed: undefined }, soon());
  const { server } = database;
  const master = await database.login(server.master.user);
  const deploy = (cluster: string) => migrate(master, { generation: { cluster } });
  await deploy('cluster-FIRST');

  await expect(deploy('cluster-SECOND')).resolves.toMatchObject({ frozen: 1 });

  expect(await checks.canary(id, soon())).toBeDefined();
  expect(await checks.test('job-2', soon())).toBeDefined();
  await keep();
});
