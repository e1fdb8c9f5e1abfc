import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { migrate } from '../../../lambda/store/migrate';
import { MIGRATIONS } from '../../../lambda/store/migrations';
import { AuditablePrograms } from '../../support/pgaudit';
import { TestDatabase } from '../../support/postgres';

const LATER = { name: '9999-later', sql: 'CREATE TABLE vault.later (id integer); CREATE VIEW vault.seen AS SELECT 1' };

let programs: AuditablePrograms;
let database: TestDatabase;
let superuser: Client;
beforeAll(async () => {
  programs = await AuditablePrograms.standIn();
  const settings = { 'standin.loaded': 'yes', 'pgaudit.role': 'rds_pgaudit' };
  database = await TestDatabase.startEmpty(settings, programs.dir);
});
beforeEach(async () => {
  superuser = await database.superuser();
});
afterEach(async () => {
  await superuser.query('DROP SCHEMA IF EXISTS vault, vault_api CASCADE');
  await superuser.query('DROP EXTENSION IF EXISTS pgaudit');
  await superuser.query('DROP ROLE IF EXISTS rds_pgaudit');
  await superuser.query('ALTER DATABASE share_vault RESET ALL');
  await database.disconnect();
});
afterAll(async () => {
  await database.stop();
  await programs.remove();
});

const migrateAs = async (user: string, migrations = MIGRATIONS) => migrate(await database.login(user), { migrations });

/** Owner and schema of the extension, if the database has it. */
async function extension(): Promise<readonly unknown[]> {
  const { rows } = await superuser.query<Record<string, unknown>>(
    `SELECT extowner::regrole::text AS owner, extnamespace::regnamespace::text AS schema
      FROM pg_extension WHERE extname = 'pgaudit'`,
  );
  return rows;
}

/** Relations of the vault without one of the four rights that pgaudit selects by. */
async function unmarked(): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ name: string }>(
    `SELECT DISTINCT c.relname AS name FROM pg_class AS c, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS p
      WHERE c.relnamespace = 'vault'::regnamespace AND c.relkind IN ('r', 'v')
        AND NOT has_table_privilege('rds_pgaudit', c.oid, p) ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

describe('the migration of a server that has pgaudit', () => {
  test('creates the extension as the master, who is no superuser, and marks every table', async () => {
    await migrateAs('share_vault_master');
    await expect(extension()).resolves.toEqual([{ owner: 'share_vault_master', schema: 'public' }]);
    await expect(unmarked()).resolves.toEqual([]);
  });

  test('does it all once, however often it runs', async () => {
    await migrateAs('share_vault_master');
    const { rows: before } = await superuser.query('SELECT xmin, relacl FROM pg_class ORDER BY oid');
    await migrateAs('share_vault_master');
    const { rows: after } = await superuser.query('SELECT xmin, relacl FROM pg_class ORDER BY oid');
    expect(after).toEqual(before);
  });

  test('marks what a later release adds', async () => {
    await migrateAs('share_vault_master');
    await migrateAs('share_vault_master', [...MIGRATIONS, LATER]);
    await expect(unmarked()).resolves.toEqual([]);
  });

  test('marks a table again whose mark was taken', async () => {
    await migrateAs('share_vault_master');
    await superuser.query('REVOKE DELETE ON vault.wallets FROM rds_pgaudit');
    await expect(unmarked()).resolves.toEqual(['wallets']);
    await migrateAs('share_vault_master');
    await expect(unmarked()).resolves.toEqual([]);
  });

  test.each([
    ['a role that reads and writes everything', 'GRANT pg_read_all_data, pg_write_all_data TO rds_pgaudit'],
    ['everyone', 'GRANT SELECT, INSERT, UPDATE, DELETE ON vault.wallets TO PUBLIC'],
  ])('marks a table again whose mark was taken while the rights came from %s', async (_, grant) => {
    await migrateAs('share_vault_master');
    await superuser.query(`${grant}; REVOKE SELECT, INSERT, UPDATE, DELETE ON vault.wallets FROM rds_pgaudit`);
    await migrateAs('share_vault_master');
    const marks = `SELECT FROM pg_class, aclexplode(relacl) AS a
      WHERE oid = 'vault.wallets'::regclass AND a.grantee = 'rds_pgaudit'::regrole`;
    expect((await superuser.query(marks)).rowCount).toBe(4);
  });

  test('continues without the extension until the server has loaded the library, and creates it then', async () => {
    await superuser.query("ALTER DATABASE share_vault SET standin.loaded = 'no'");
    await expect(migrateAs('share_vault_master')).resolves.toMatchObject({ audited: false });
    await expect(extension()).resolves.toEqual([]);
    await expect(unmarked()).resolves.toEqual([]);
    await superuser.query("ALTER DATABASE share_vault SET standin.loaded = 'yes'");
    await migrateAs('share_vault_master');
    await expect(extension()).resolves.toHaveLength(1);
  });

  test('reports that nothing is audited if the settings of pgaudit have no library behind them', async () => {
    await expect(migrateAs('share_vault_master')).resolves.toMatchObject({ audited: false });
  });

  test('fails if the master may not create the extension', async () => {
    await programs.trust(false);
    await expect(migrateAs('share_vault_master')).rejects.toMatchObject({ cause: { code: '42501' } });
    await programs.trust(true);
  });
});

describe('a role rds_pgaudit that grants its rights to another role', () => {
  test.each([
    ['by its login', 'CREATE ROLE rds_pgaudit LOGIN'],
    ['as a superuser', 'CREATE ROLE rds_pgaudit SUPERUSER'],
    ['by inheritance', 'CREATE ROLE rds_pgaudit; GRANT rds_pgaudit TO vault_sealer WITH INHERIT TRUE, SET FALSE'],
    ['by the right to grant it', 'CREATE ROLE rds_pgaudit; GRANT rds_pgaudit TO vault_sealer WITH ADMIN TRUE, INHERIT FALSE, SET FALSE'], // prettier-ignore
    ['by SET ROLE', 'CREATE ROLE rds_pgaudit; GRANT rds_pgaudit TO vault_sealer WITH INHERIT FALSE, SET TRUE'],
  ])('is given no right on the vault’s tables: %s', async (_, role) => {
    await migrateAs('share_vault_master');
    await superuser.query(`DROP OWNED BY rds_pgaudit; DROP ROLE rds_pgaudit; ${role}`);
    await expect(migrateAs('share_vault_master')).rejects.toMatchObject({
      name: 'InternalError',
      cause: { code: '55000' },
    });
    const rights =
      "SELECT FROM pg_class WHERE relnamespace = 'vault'::regnamespace AND relacl::text LIKE '%rds_pgaudit%'";
    expect((await superuser.query(rights)).rowCount).toBe(0);
  });
});
