import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import type { NewRecord, RecordStore } from '../../../lambda/store/store';
import { createCertificate } from '../../../local/emulator/postgres/certificates';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, newRecord, newWallet, outcomes, query, rowsOf } from './fixtures';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await TestDatabase.start({ max_connections: 8 });
  folder = await mkdtemp(join(tmpdir(), 'share-vault-ca-'));
});
let sealer: RecordStore;
let record: NewRecord;
beforeEach(async () => {
  sealer = await database.store('vault_sealer');
  record = newRecord(newWallet());
});
afterEach(() => database.disconnect());
afterAll(async () => {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
});

const rows = async () => rowsOf(await database.superuser(), record);
/** Long enough to try more than once, short enough to wait for. */
const briefly = () => deadlineIn(400);

/** Holds the wallet's row in a transaction, so that a seal waits for it. */
async function holdWallet() {
  const holder = await database.superuser();
  await holder.query('INSERT INTO vault.wallets (wallet_id, chain) VALUES ($1, $2)', [record.walletId, record.chain]);
  await holder.query('BEGIN');
  await holder.query('SELECT FROM vault.wallets WHERE wallet_id = $1 FOR UPDATE', [record.walletId]);
  return holder;
}

/** Resolves when a session waits for a lock. */
async function untilWaiting() {
  const observer = await database.superuser();
  const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'vault_sealer'";
  while ((await observer.query(waiting)).rowCount === 0) await sleep(10);
}

describe('a seal', () => {
  test('fails when its time is up if PostgreSQL stopped before the first call, and leaves no row', async () => {
    await database.server.stop();
    const attempt = sealer.seal(record, caller, briefly());
    await expect(attempt).rejects.toThrowWithCode('StoreUnavailable');
    await database.startAgain();
    await expect(rows()).resolves.toBe(0);
  });

  test('fails when its time is up if PostgreSQL stopped after an earlier call', async () => {
    await sealer.seal(newRecord(newWallet()), caller, soon());
    await database.server.stop();
    const attempt = sealer.seal(record, caller, briefly());
    await expect(attempt).rejects.toThrowWithCode('StoreUnavailable');
    await database.startAgain();
    await expect(rows()).resolves.toBe(0);
  });

  test('waits for PostgreSQL while that starts', async () => {
    await database.server.stop();
    const attempt = sealer.seal(record, caller, soon());
    await database.startAgain();
    await expect(attempt).resolves.toMatchObject({ recordId: record.recordId });
  });

  test('fails if PostgreSQL stops during it, stores no record, and succeeds later', async () => {
    await holdWallet();
    const attempt = sealer.seal(record, caller, deadlineIn(3_000));
    const failed = expect(attempt).rejects.toThrowWithCode('StoreUnavailable');
    await untilWaiting();
    await database.server.stop();
    await failed;
    await database.startAgain();
    // only the holder's own row
    await expect(rows()).resolves.toBe(1);
    await expect(sealer.seal(record, caller, soon())).resolves.toMatchObject({ recordId: record.recordId });
  });

  test('succeeds if PostgreSQL stops during it and is back in time', async () => {
    await holdWallet();
    const attempt = sealer.seal(record, caller, soon());
    await untilWaiting();
    await database.restart();
    await expect(attempt).resolves.toMatchObject({ recordId: record.recordId });
    await expect(outcomes(await database.superuser(), record)).resolves.toEqual(['seal sealed']);
  });

  test('is stored if PostgreSQL stops after its response', async () => {
    await sealer.seal(record, caller, soon());
    await database.restart();
    const unsealer = await database.store('vault_unsealer');
    await expect(unsealer.unseal(query(record), caller, soon())).resolves.toMatchObject({ sealed: record.sealed });
  });

  test('succeeds if PostgreSQL was restarted since the last call', async () => {
    await sealer.seal(newRecord(newWallet()), caller, soon());
    await database.restart();
    await expect(sealer.seal(record, caller, soon())).resolves.toMatchObject({ recordId: record.recordId });
  });
});

describe('a session', () => {
  test('that the server ended is made again', async () => {
    await sealer.seal(newRecord(newWallet()), caller, soon());
    const superuser = await database.superuser();
    await superuser.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'vault_sealer'",
    );
    await expect(sealer.seal(record, caller, soon())).resolves.toMatchObject({ recordId: record.recordId });
  });

  test('is one, however many calls run at once', async () => {
    const all = [1, 2, 3, 4, 5].map(() => sealer.seal(newRecord(newWallet()), caller, soon()));
    await Promise.all(all);
    const superuser = await database.superuser();
    const sessions = await superuser.query("SELECT FROM pg_stat_activity WHERE usename = 'vault_sealer'");
    expect(sessions.rowCount).toBe(1);
  });

  test('can be closed, and the next call opens another', async () => {
    await sealer.seal(newRecord(newWallet()), caller, soon());
    await sealer.close();
    await expect(sealer.seal(record, caller, soon())).resolves.toMatchObject({ recordId: record.recordId });
  });
});

describe('a server without a free connection', () => {
  const all = () =>
    Promise.all(
      ['vault_unsealer', 'vault_unsealer', 'vault_revoker', 'vault_revoker', 'vault_reader'].map((user) =>
        database.login(user),
      ),
    );

  test('is unavailable when the time is up', async () => {
    await all();
    await expect(sealer.seal(record, caller, briefly())).rejects.toThrowWithCode('StoreUnavailable');
  });

  test('is waited for', async () => {
    const [first] = await all();
    const attempt = sealer.seal(record, caller, soon());
    await sleep(100);
    await first?.end();
    await expect(attempt).resolves.toMatchObject({ recordId: record.recordId });
  });
});

describe('a statement that takes too long', () => {
  test.each(['statement_timeout', 'lock_timeout'])('is ended by the server: %s', async (limit) => {
    const hurried = await database.store('vault_sealer', { session: { [limit]: '50ms' } });
    const holder = await holdWallet();
    const attempt = hurried.seal(record, caller, soon());
    await expect(attempt).rejects.toThrowWithCode('StoreUnavailable');
    await holder.query('ROLLBACK');
    await expect(rows()).resolves.toBe(1);
  });

  test('is given up when the time is up, and is not done afterwards', async () => {
    const holder = await holdWallet();
    const attempt = sealer.seal(record, caller, briefly());
    await expect(attempt).rejects.toThrowWithCode('StoreUnavailable');
    // the server looks every 500 ms whether its client is still there
    const gone = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'vault_sealer'";
    const observer = await database.superuser();
    while ((await observer.query(gone)).rowCount !== 0) await sleep(20);
    await holder.query('ROLLBACK');
    await expect(rows()).resolves.toBe(1);
  });
});

describe('a connection to a server', () => {
  const refused = (attempt: Promise<unknown>, cause: object) =>
    expect(attempt).rejects.toMatchObject({ name: 'StoreUnavailable', cause: expect.objectContaining(cause) });

  test('with a certificate of another authority is refused', async () => {
    const caFile = join(folder, 'other-ca.pem');
    await writeFile(caFile, (await createCertificate(['localhost'])).ca);
    const store = await database.store('vault_sealer', { caFile });
    await refused(store.seal(record, caller, soon()), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  test('by an address, with a certificate for it, is made', async () => {
    const store = await database.store('vault_sealer', { host: '127.0.0.1' });
    await expect(store.seal(record, caller, soon())).resolves.toMatchObject({ recordId: record.recordId });
  });

  test('with a certificate for another host is refused', async () => {
    await database.restart({ certificateHosts: ['elsewhere.test'] });
    await refused(sealer.seal(record, caller, soon()), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    const byAddress = await database.store('vault_sealer', { host: '127.0.0.1' });
    await refused(byAddress.seal(record, caller, soon()), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    await database.restart();
    await expect(rows()).resolves.toBe(0);
  });

  test('with only TLS 1.2 is refused', async () => {
    const settings = { ssl_min_protocol_version: 'TLSv1.2', ssl_max_protocol_version: 'TLSv1.2' };
    await sealer.close();
    await database.restart({ settings });
    const attempt = sealer.seal(record, caller, soon());
    await refused(attempt, { message: expect.stringContaining('alert protocol version') });
    await database.restart();
    await expect(rows()).resolves.toBe(0);
  });

  test('without TLS is refused', async () => {
    await database.restart({ settings: { ssl: 'off' } });
    const attempt = sealer.seal(record, caller, soon());
    await refused(attempt, { message: 'The server does not support SSL connections' });
    await database.restart();
  });
});

describe('a misconfigured store', () => {
  test('reports that the authorities are missing', async () => {
    const store = await database.store('vault_sealer', { caFile: join(folder, 'none.pem') });
    await expect(store.seal(record, caller, soon())).rejects.toThrowWithCode('Misconfigured');
  });

  test('does not wait if its password is refused', async () => {
    const store = await database.store('vault_sealer', { password: () => Promise.resolve('wrong') });
    await expect(store.seal(record, caller, soon())).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: 'expected a connection from the database, got 28P01',
    });
  });
});
