import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import { migrate } from '../../../lambda/store/migrate';
import { MIGRATIONS } from '../../../lambda/store/migrations';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, dropVault, newRecord, newWallet } from './fixtures';

const NAMES = MIGRATIONS.map(({ name }) => name);
const LATER = { name: '9999-later', sql: 'CREATE TABLE vault.later (id integer)' };

let database: TestDatabase;
let master: Client;
beforeAll(async () => {
  database = await TestDatabase.startEmpty();
});
beforeEach(async () => {
  master = await database.login('share_vault_master');
});
afterEach(async () => {
  await dropVault(await database.superuser());
  await database.disconnect();
});
afterAll(() => database.stop());

async function history(): Promise<readonly string[]> {
  const superuser = await database.superuser();
  const { rows } = await superuser.query<{ name: string }>('SELECT name FROM vault.migrations ORDER BY name');
  return rows.map(({ name }) => name);
}

/** Rows that change with every statement on a role, a membership or a setting, even if its value stays the same. */
const ROLE_ROWS = `SELECT xmin::text, rolname || ' ' || rolcanlogin AS row FROM pg_authid
  UNION ALL SELECT xmin::text, roleid::regrole || ' ' || member::regrole FROM pg_auth_members
  UNION ALL SELECT xmin::text, setrole::regrole || ' ' || setdatabase FROM pg_db_role_setting ORDER BY 2, 1`;

describe('a migration as the master, who is no superuser', () => {
  test('applies everything', async () => {
    await expect(migrate(master)).resolves.toEqual({
      applied: NAMES,
      current: NAMES.at(-1),
      audited: false,
      frozen: 0,
    });
    await expect(history()).resolves.toEqual([...new Set(NAMES)].sort());
  });

  test('applies nothing a second time', async () => {
    await migrate(master);
    await expect(migrate(master)).resolves.toEqual({ applied: [], current: NAMES.at(-1), audited: false, frozen: 0 });
  });

  test('changes no role a second time, so that a line of the audit means a change', async () => {
    const superuser = await database.superuser();
    await migrate(master);
    await master.query('CREATE ROLE vault_migrator LOGIN; GRANT vault_owner TO vault_migrator');
    await superuser.query('CREATE TABLE public.kept (); ALTER TABLE public.kept OWNER TO vault_migrator');
    await migrate(master);
    const { rows: before } = await superuser.query(ROLE_ROWS);

    await migrate(master);

    const { rows: after } = await superuser.query(ROLE_ROWS);
    await superuser.query('DROP TABLE public.kept');
    await migrate(master);
    const { rows: last } = await superuser.query<{ row: string }>(ROLE_ROWS);
    expect(after).toEqual(before);
    expect(before).toContainEqual({ xmin: expect.any(String), row: 'vault_migrator false' });
    expect(last.filter(({ row }) => row.includes('vault_migrator'))).toEqual([]);
  });

  test('continues from the last migration of an older release', async () => {
    await migrate(master);
    const answer = await migrate(master, { migrations: [...MIGRATIONS, LATER] });
    expect(answer).toEqual({ applied: ['9999-later'], current: '9999-later', audited: false, frozen: 0 });
  });

  test('leaves the schema of a later release unchanged, and reports its version', async () => {
    await migrate(master, { migrations: [...MIGRATIONS, LATER] });
    await expect(migrate(master)).resolves.toEqual({ applied: [], current: '9999-later', audited: false, frozen: 0 });
  });

  test('applies each once when two run at once', async () => {
    const other = await database.login('share_vault_master');
    const answers = await Promise.all([migrate(master), migrate(other)]);
    expect(answers.flatMap(({ applied }) => applied).sort()).toEqual([...NAMES].sort());
    expect(answers.map(({ current }) => current)).toEqual([NAMES.at(-1), NAMES.at(-1)]);
  });

  test('waits for another that runs only so long', async () => {
    await migrate(master);
    const other = await database.login('share_vault_master');
    await other.query('BEGIN; SET LOCAL ROLE vault_owner; LOCK TABLE vault.migrations IN SHARE ROW EXCLUSIVE MODE');
    const late = migrate(master, { lockTimeoutMs: 50 });
    await expect(late).rejects.toThrowWithCode('StoreUnavailable');
    await other.end();
  });

  test('refuses a migration that was changed after it was applied', async () => {
    await migrate(master, { migrations: [...MIGRATIONS, LATER] });
    const changed = { ...LATER, sql: `${LATER.sql};` };
    const again = migrate(master, { migrations: [...MIGRATIONS, changed] });
    await expect(again).rejects.toThrow('expected migration 9999-later as it was applied, got it changed since');
    await expect(again).rejects.toThrowWithCode('InternalError');
  });

  test('refuses a migration that comes before one that was applied', async () => {
    await migrate(master, { migrations: [...MIGRATIONS, LATER] });
    const between = { name: '9000-between', sql: 'SELECT 1' };
    const again = migrate(master, { migrations: [...MIGRATIONS, between, LATER] });
    await expect(again).rejects.toThrow('expected migration 9000-between to be applied next, got 9999-later');
  });

  test('undoes a migration that fails halfway, and keeps those before it', async () => {
    const broken = { name: '9999-broken', sql: 'CREATE TABLE vault.half (id integer); SELECT 1 / 0' };
    await expect(migrate(master, { migrations: [...MIGRATIONS, broken] })).rejects.toThrowWithCode('InternalError');
    await expect(history()).resolves.toEqual(NAMES);
    await expect(migrate(master, { migrations: [...MIGRATIONS, LATER] })).resolves.toMatchObject({
      applied: ['9999-later'],
    });
    const { rows } = await (await database.superuser()).query("SELECT to_regclass('vault.half') AS half");
    expect(rows).toEqual([{ half: null }]);
  });

  test('runs migrations as the owner', async () => {
    const whoami = { name: '9999-who', sql: 'CREATE TABLE vault.who AS SELECT current_user::text AS name' };
    await migrate(master, { migrations: [...MIGRATIONS, whoami] });
    const { rows } = await (await database.superuser()).query('SELECT name FROM vault.who');
    expect(rows).toEqual([{ name: 'vault_owner' }]);
  });

  test('destroys what has expired', async () => {
    await migrate(master);
    const sealer = await database.store('vault_sealer');
    const old = newRecord(newWallet());
    await sealer.seal(old, caller, soon());
    await sealer.seal(newRecord(old, { supersedes: old.recordId }), caller, soon());
    const superuser = await database.superuser();
    await superuser.query(
      "UPDATE vault.delegated_shares SET superseded_at = now() - interval '31 days' WHERE id = $1",
      [old.recordId],
    );
    await superuser.query("UPDATE vault.seal_transports SET seen_at = now() - interval '31 days'");
    await migrate(master);
    const { rows } = await superuser.query(
      'SELECT (SELECT count(*) FROM vault.delegated_shares) AS records, (SELECT count(*) FROM vault.seal_transports) AS transports',
    );
    expect(rows).toEqual([{ records: '1', transports: '2' }]);
  });
});

describe('a migration with the share keys of the deploy', () => {
  const FORMER = newRecord(newWallet()).keyId;
  const OTHER = 'arn:aws:kms:eu-central-1:111122223333:key/other';

  test('applies everything to a database that is empty', async () => {
    await expect(migrate(master, { shareKeys: [OTHER] })).resolves.toMatchObject({ applied: NAMES });
  });

  test('applies what is missing if all records are under one of them', async () => {
    await migrate(master);
    await (await database.store('vault_sealer')).seal(newRecord(newWallet()), caller, soon());
    const answer = await migrate(master, { migrations: [...MIGRATIONS, LATER], shareKeys: [FORMER, OTHER] });
    expect(answer.applied).toEqual(['9999-later']);
  });

  test('refuses to go on without the key of a live record, names both keys, and changes nothing', async () => {
    await migrate(master);
    await (await database.store('vault_sealer')).seal(newRecord(newWallet()), caller, soon());
    const refused = migrate(master, { migrations: [...MIGRATIONS, LATER], shareKeys: [OTHER] });
    await expect(refused).rejects.toThrowWithCode('Misconfigured');
    await expect(refused).rejects.toThrow(`expected every record under ${OTHER}, got one under ${FORMER}`);
    await expect(refused).rejects.toThrow('deploy again with the former key');
    await expect(history()).resolves.toEqual(NAMES);
  });

  test('refuses to continue without the key of a superseded record, which can still be needed', async () => {
    await migrate(master);
    const sealer = await database.store('vault_sealer');
    const old = newRecord(newWallet());
    await sealer.seal(old, caller, soon());
    await sealer.seal(newRecord(old, { supersedes: old.recordId, keyId: OTHER }), caller, soon());
    await expect(migrate(master, { shareKeys: [OTHER] })).rejects.toThrowWithCode('Misconfigured');
  });

  test('lets keys trade places after a deploy with both', async () => {
    await migrate(master, { shareKeys: [FORMER] });
    await (await database.store('vault_sealer')).seal(newRecord(newWallet()), caller, soon());
    await migrate(master, { shareKeys: [FORMER, OTHER] });

    await expect(migrate(master, { shareKeys: [OTHER, FORMER] })).resolves.toMatchObject({ applied: [] });
  });

  test('refuses a sealing key that no former deploy had, since a rollback would lose what it seals', async () => {
    await migrate(master, { shareKeys: [FORMER] });
    await (await database.store('vault_sealer')).seal(newRecord(newWallet()), caller, soon());
    const refused = migrate(master, { migrations: [...MIGRATIONS, LATER], shareKeys: [OTHER, FORMER] });

    await expect(refused).rejects.toThrowWithCode('Misconfigured');
    await expect(refused).rejects.toThrow(`expected one that a former deploy had, got ${OTHER}`);
    await expect(history()).resolves.toEqual(NAMES);
  });

  test('refuses a sealing key that has sealed nothing if no former deploy is known, as in the update to this release', async () => {
    await migrate(master);
    await (await database.store('vault_sealer')).seal(newRecord(newWallet()), caller, soon());

    await expect(migrate(master, { shareKeys: [OTHER, FORMER] })).rejects.toThrowWithCode('Misconfigured');
    await expect(migrate(master, { shareKeys: [FORMER, OTHER] })).resolves.toMatchObject({ applied: [] });
  });

  test('refuses a sealing key that only a deploy before the former one had', async () => {
    await migrate(master, { shareKeys: [FORMER] });
    await (await database.store('vault_sealer')).seal(newRecord(newWallet()), caller, soon());
    await migrate(master, { shareKeys: [FORMER, OTHER] });
    await migrate(master, { shareKeys: [FORMER] });

    await expect(migrate(master, { shareKeys: [OTHER, FORMER] })).rejects.toThrowWithCode('Misconfigured');
  });

  test('accepts a restored backup from before the keys traded places, and freezes it', async () => {
    const [former, restored] = [{ cluster: 'cluster-FORMER' }, { cluster: 'cluster-RESTORED' }];
    await migrate(master, { shareKeys: [FORMER], generation: former });
    await (await database.store('vault_sealer')).seal(newRecord(newWallet()), caller, soon());

    const traded = { shareKeys: [OTHER, FORMER] };
    await expect(migrate(master, { ...traded, generation: former })).rejects.toThrowWithCode('Misconfigured');
    await expect(migrate(master, { ...traded, generation: restored })).resolves.toMatchObject({ frozen: 1 });
    await expect(migrate(master, { shareKeys: [OTHER], generation: restored })).rejects.toThrowWithCode(
      'Misconfigured',
    );
  });

  test('accepts another sealing key as long as there is no record', async () => {
    await migrate(master, { shareKeys: [FORMER] });

    await expect(migrate(master, { shareKeys: [OTHER] })).resolves.toMatchObject({ applied: [] });
  });

  test('accepts the rollback to the former sealing key after the keys traded places', async () => {
    await migrate(master, { shareKeys: [FORMER] });
    await migrate(master, { shareKeys: [FORMER, OTHER] });
    await (await database.store('vault_sealer')).seal(newRecord(newWallet(), { keyId: OTHER }), caller, soon());

    await expect(migrate(master, { shareKeys: [FORMER, OTHER] })).resolves.toMatchObject({ applied: [] });
  });

  test('refuses to continue without the key of server key shares', async () => {
    await migrate(master);
    await (
      await database.superuser()
    ).query(
      `WITH wallet AS (INSERT INTO vault.wallets (wallet_id, chain) VALUES ('wallet', 'EVM') RETURNING wallet_id, chain)
        INSERT INTO vault.server_key_shares (id, wallet_id, chain, encrypted_server_key_shares, encryption_key_id)
        SELECT gen_random_uuid(), wallet_id, chain, '\\x00', $1 FROM wallet`,
      [FORMER],
    );
    await expect(migrate(master, { shareKeys: [OTHER] })).rejects.toThrow(`got one under ${FORMER}`);
  });

  test('continues if the records of the former key were all destroyed by revocations', async () => {
    await migrate(master);
    const wallet = newWallet();
    await (await database.store('vault_sealer')).seal(newRecord(wallet), caller, soon());
    await (await database.store('vault_revoker')).revoke(wallet, KINDS, 'left', caller, soon());
    await expect(migrate(master, { shareKeys: [OTHER] })).resolves.toMatchObject({ applied: [] });
  });

  test('asks every table that holds sealed material, also one of a later release', async () => {
    const sql = `CREATE TABLE vault.later (encryption_key_id vault.id NOT NULL); INSERT INTO vault.later VALUES ('former')`;
    await migrate(master, { migrations: [...MIGRATIONS, { name: '9999-later', sql }] });
    await expect(migrate(master, { shareKeys: [OTHER] })).rejects.toThrow('got one under former');
  });
});

test('a migration as any other role changes nothing', async () => {
  await migrate(master);
  const sealer = await database.login('vault_sealer');
  const attempt = migrate(sealer, { migrations: [...MIGRATIONS, LATER] });
  await expect(attempt).rejects.toThrowWithCode('InternalError');
  await expect(history()).resolves.toEqual(NAMES);
});
