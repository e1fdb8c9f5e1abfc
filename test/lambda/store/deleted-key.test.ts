import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisableKeyCommand, EnableKeyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import { openBytes, sealBytes } from '../../../lambda/keys/envelope';
import { createAwsKmsKey } from '../../../lambda/keys/aws-kms';
import { connect } from '../../../lambda/store/connection';
import { startPostgres } from '../../../local/emulator/postgres';
import { VAULT_DATABASE } from '../../../local/vault/options';
import { KmsFixture } from '../../local/emulator/services/kms/support';
import { newLogFile } from '../../support/kept-database';
import { TestDatabase, soon } from '../../support/postgres';
import { material } from '../../support/run';
import { useEndpoint } from '../../support/use-endpoint';
import { caller, newRecord, newWallet } from './fixtures';

/**
 * What an old message is worth: the files of a database that the vault destroyed it in, and each backup from before, open
 * as long as the share key does.
 */

const fixture = new KmsFixture();
const CONTEXT = new Map([['record', 'one']]);
const backup = mkdtempSync(join(tmpdir(), 'share-vault-backup-'));
const secret = material(457);
let keyArn: string;
let old: Buffer;

beforeAll(async () => {
  await fixture.start();
  useEndpoint({ url: fixture.config.endpoint, region: fixture.config.region });
  keyArn = await fixture.createKey();
  const { message } = await sealBytes(secret, CONTEXT, createAwsKmsKey({ keyArn }), soon().signal);
  const sealed = { delegatedShare: message, walletApiKey: message };
  await revokeAfterBackup(newRecord(newWallet(), { keyId: keyArn, sealed }));
  old = await readFromBackup();
});
afterAll(async () => {
  await fixture.remove();
  rmSync(backup, { recursive: true });
});

/** Stores a record, copies the data folder, revokes the record, and requires that its wallet has none. */
async function revokeAfterBackup(record: ReturnType<typeof newRecord>): Promise<void> {
  const database = await TestDatabase.start();
  await (await database.store('vault_sealer')).seal(record, caller, soon());
  await database.disconnect();
  await database.server.stop();
  execFileSync('cp', ['-Rp', `${database.dataDir}/.`, backup]);
  await database.startAgain();
  await (await database.store('vault_revoker')).revoke(record, KINDS, 'user left', caller, soon());
  const { rowCount } = await (await database.superuser()).query('SELECT FROM vault.delegated_shares');
  expect(rowCount).toBe(0);
  await database.stop();
}

async function readFromBackup(): Promise<Buffer> {
  const server = await startPostgres({ dataDir: backup, names: VAULT_DATABASE, logFile: newLogFile() });
  const { host, port, database, caFile, superuser } = server;
  const login = {
    ...{ host, port, database, caFile },
    user: superuser.user,
    password: () => Promise.resolve(superuser.password),
  };
  const client = await connect(login, soon());
  try {
    const sql = 'SELECT encrypted_delegated_share AS sealed FROM vault.delegated_shares';
    return (await client.query<{ sealed: Buffer }>(sql)).rows[0]?.sealed ?? Buffer.alloc(0);
  } finally {
    await client.end();
    await server.stop();
  }
}

const open = () => openBytes(old, CONTEXT, createAwsKmsKey({ keyArn }), soon().signal);

test('a message that was revoked after a backup is in the backup, and opens as long as its key does', async () => {
  expect(await open()).toEqual(secret);
});

test('a message in a backup opens with nothing while its key is disabled, and again once it is enabled', async () => {
  await fixture.client.send(new DisableKeyCommand({ KeyId: keyArn }));
  await expect(open()).rejects.toThrowWithCode('KeyUnavailable');
  await fixture.client.send(new EnableKeyCommand({ KeyId: keyArn }));

  expect(await open()).toEqual(secret);
});

test('a message in a backup opens with nothing once its key is deleted, and not with another key', async () => {
  await fixture.client.send(new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: 7 }));
  const other = await fixture.createKey();
  const withOther = openBytes(old, CONTEXT, createAwsKmsKey({ keyArn: other }), soon().signal);
  await expect(open()).rejects.toThrowWithCode('KeyUnavailable');
  await expect(withOther).rejects.toThrowWithCode('KeyUnavailable');
  fixture.passDays(8);

  await expect(open()).rejects.toThrowWithCode('KeyUnavailable');
  const back = fixture.client.send(new EnableKeyCommand({ KeyId: keyArn }));
  await expect(back).rejects.toThrow();
});
