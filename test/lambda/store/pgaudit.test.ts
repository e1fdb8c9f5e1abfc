import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import { migrate } from '../../../lambda/store/migrate';
import { databaseParameters } from '../../../lib/private/database-parameters';
import { TlsFloor } from '../../../lib/tls-floor';
import type { NewRecord } from '../../../lambda/store/store';
import { AuditablePrograms } from '../../support/pgaudit';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, newRecord, newWallet, query } from './fixtures';

/**
 * Tests with pgaudit itself. The PostgreSQL package lacks it: `SHARE_VAULT_PGAUDIT` names a folder with `pgaudit.so` and
 * its SQL files, built for the package's major version.
 */
const FOLDER = process.env.SHARE_VAULT_PGAUDIT;
const suite = FOLDER === undefined ? describe.skip : describe;

/** The construct's own parameters, without RDS's. */
const { 'rds.force_ssl': _, ...PARAMETERS } = databaseParameters(TlsFloor.TLS_1_3);

suite('a server with pgaudit and the parameters of the construct', () => {
  let programs: AuditablePrograms;
  let database: TestDatabase;
  let master: Client;
  let record: NewRecord;
  let mark = 0;
  beforeAll(async () => {
    programs = await AuditablePrograms.real(FOLDER ?? '');
    database = await TestDatabase.startEmpty(PARAMETERS, programs.dir);
    master = await database.login('share_vault_master');
  });
  beforeEach(async () => {
    await migrate(master);
    record = newRecord({ walletId: `marked-${newWallet().walletId}`, chain: 'EVM' }, { userId: 'marked-user' });
    await lines();
  });
  afterAll(async () => {
    await database.stop();
    await programs.remove();
  });

  /** Returns class, command and object of the audit's lines since the previous call. */
  async function lines(): Promise<readonly string[]> {
    const log = await readFile(database.server.logFile, 'utf8');
    const added = log.slice(mark);
    mark = log.length;
    return [...added.matchAll(/AUDIT: (\w+),\d+,\d+,(\w+),([\w ]+),\w*,([\w.]*),/g)].map((line) =>
      line.slice(1).join(' ').trim(),
    );
  }

  test('is audited by a migration as the master', async () => {
    await expect(migrate(master)).resolves.toMatchObject({ audited: true });
  });

  test('logs that its extension is dropped, and gets it back at the next migration', async () => {
    await master.query('DROP EXTENSION pgaudit');
    await expect(lines()).resolves.toEqual(['SESSION DDL DROP EXTENSION']);
    await expect(migrate(master)).resolves.toMatchObject({ audited: true });
  });

  test('logs nothing of what the vault’s functions do for a caller: the access log has it', async () => {
    const sealer = await database.store('vault_sealer');
    const unsealer = await database.store('vault_unsealer');
    const revoker = await database.store('vault_revoker');
    await lines();
    await sealer.seal(record, caller, soon());
    await unsealer.unseal(query(record), caller, soon());
    await revoker.revoke(record, KINDS, 'lost', caller, soon());
    await expect(lines()).resolves.toEqual([]);
  });

  test.each(['share_vault_master', 'postgres'])(
    'logs what %s does to the tables past the functions, and no value of it',
    async (user) => {
      const client = await database.login(user);
      await lines();
      await client.query('SET ROLE vault_owner');
      await client.query('SELECT FROM vault.delegated_shares WHERE user_id = $1', ['marked-user']);
      await client.query('UPDATE vault.wallets SET revoked_at = NULL WHERE wallet_id = $1', ['marked-wallet']);
      await client.query('DELETE FROM vault.share_access_log WHERE actor = $1 AND false', ['marked']).catch(() => 0);
      await client.query('COPY vault.delegated_shares (user_id) TO STDOUT').catch(() => 0);
      await client.query('TRUNCATE vault.seal_transports');
      await client.query('REVOKE SELECT ON vault.delegated_shares FROM rds_pgaudit');
      const statements = await lines();
      expect(statements).toEqual([
        'OBJECT READ SELECT vault.delegated_shares',
        'SESSION WRITE UPDATE',
        'OBJECT WRITE UPDATE vault.wallets',
        'SESSION WRITE DELETE',
        'OBJECT WRITE DELETE vault.share_access_log',
        'OBJECT READ SELECT vault.delegated_shares',
        'SESSION WRITE TRUNCATE TABLE',
        'SESSION ROLE REVOKE',
      ]);
      expect(await readFile(database.server.logFile, 'utf8')).not.toContain('marked-');
    },
  );

  test.each(['share_vault_master', 'vault_unsealer'])('keeps %s from turning it off', async (user) => {
    const client = await database.login(user);
    await expect(client.query("SET pgaudit.role = ''")).rejects.toMatchObject({ code: '42501' });
    await expect(client.query("SET pgaudit.log = 'none'")).rejects.toMatchObject({ code: '42501' });
  });
});
