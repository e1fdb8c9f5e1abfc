import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { connect } from '../../../lambda/store/connection';
import { PostgresReseals } from '../../../lambda/store/reseals';
import { type PostgresStore, createPostgresStore } from '../../../lambda/store/postgres';
import { Session } from '../../../lambda/store/session';
import { type PoolerInFront, poolerInFrontOf } from '../../support/pooler/in-front';
import { soon } from '../../support/postgres';
import {
  caller,
  deliveredRecord,
  minutesFromNow,
  newDelivery,
  newRecord,
  newWallet,
  outcomes,
  query,
} from './fixtures';
import { KEYS, TARGET, recordOf, resealed } from './reseal-support';
import { RECORDS, redeemOf } from './routes';
import { database, sealer, superuser, useStores } from './stores';
import { NOT_REDEEMED, issuedTicket, openWayPastGuard } from './unseal-by-hand';

// Through a pooler of transactions, which gives a client another connection to the database for each transaction.

let pooler: PoolerInFront;
const closing: { close(): Promise<void> }[] = [];
useStores(['sealer']);
beforeAll(async () => {
  await openWayPastGuard(superuser);
  pooler = await poolerInFrontOf(database, 2);
  database.keepOpen();
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((each) => each.close()));
});
afterAll(() => pooler.close());

async function pooledStore(user: string): Promise<PostgresStore> {
  const store = createPostgresStore(await pooler.settings(user));
  closing.push(store);
  return store;
}

async function pooledClient(user: string): Promise<Client> {
  const client = await connect(await pooler.settings(user), soon());
  closing.push({ close: () => client.end() });
  return client;
}

/** Returns the process of the connection that the client's next transaction has. */
async function backendOf(client: Client): Promise<number | undefined> {
  return (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
}

async function sealedRecord() {
  const record = newRecord(newWallet());
  await sealer.seal(record, caller, soon());
  return record;
}

describe('a procedure that commits', () => {
  test('returns the ciphertext to more clients than there are connections to the database', async () => {
    const record = await sealedRecord();
    const stores = await Promise.all(Array.from({ length: 8 }, () => pooledStore('vault_unsealer')));
    const opened = await Promise.all(stores.map((store) => store.unseal(query(record), caller, soon())));
    expect(opened.map(({ sealed }) => sealed)).toEqual(stores.map(() => record.sealed));
    expect(pooler.servers()).toBeLessThanOrEqual(2);
    const logged = await outcomes(superuser, record);
    expect(logged.filter((outcome) => outcome === 'unseal granted')).toHaveLength(8);
  });
});

describe('the statements of the functions', () => {
  test('leave every client unpinned, so that all share the connections', async () => {
    const record = newRecord(newWallet());
    await (await pooledStore('vault_sealer')).seal(record, caller, soon());
    await (await pooledStore('vault_unsealer')).unseal(query(record), caller, soon());
    const delivery = newDelivery(minutesFromNow(0));
    await (await pooledStore('vault_receiver')).receiveCreated(deliveredRecord(newWallet()), delivery, soon());
    await (await pooledStore('vault_auditor')).log(record, 0, 10, soon());
    await (await pooledStore('vault_auditor')).census(soon());
    await (await pooledStore('vault_revoker')).revoke(record, ['delegated-share'], 'why', caller, soon());
    expect(pooler.pinning).toEqual([]);
  });

  test('of a session with limits of its own are refused before a connection is made', async () => {
    const session = new Session(await pooler.settings('vault_resealer')).forLongStatements();
    await expect(session.query('SELECT 1', [], soon())).rejects.toThrowWithCode('Misconfigured');
  });
});

describe('a ticket behind a pooler', () => {
  test('is refused to another client that has another connection to the database', async () => {
    const record = await sealedRecord();
    const [holder, thief] = [await pooledClient('vault_unsealer'), await pooledClient('vault_unsealer')];
    const ticket = await issuedTicket(holder, RECORDS, [record.walletId, record.chain]);
    // an open transaction keeps the connection on which the ticket was issued
    await holder.query('BEGIN');
    expect(await backendOf(holder)).not.toEqual(await backendOf(thief));
    await expect(thief.query(redeemOf(RECORDS), [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    await holder.query('ROLLBACK');
  });

  test('is refused to another user, who never gets a connection of this one', async () => {
    const record = await sealedRecord();
    await superuser.query('GRANT EXECUTE ON FUNCTION vault_api.redeem_records TO vault_reader');
    const ticket = await issuedTicket(await pooledClient('vault_unsealer'), RECORDS, [record.walletId, record.chain]);
    const thief = await pooledClient('vault_reader');
    await expect(thief.query(redeemOf(RECORDS), [ticket])).rejects.toMatchObject({ code: /^(SV003|55000)$/ });
    await superuser.query('REVOKE EXECUTE ON FUNCTION vault_api.redeem_records FROM vault_reader');
  });

  test('is refused if its transaction is not committed, to the client of the next transaction too', async () => {
    const record = await sealedRecord();
    const single = await poolerInFrontOf(database, 1);
    const clients = await Promise.all([1, 2].map(async () => connect(await single.settings('vault_unsealer'), soon())));
    const [holder, next] = clients as [Client, Client];
    await holder.query('BEGIN');
    const ticket = await issuedTicket(holder, RECORDS, [record.walletId, record.chain]);
    await holder.query('ROLLBACK');
    expect(await backendOf(holder)).toEqual(await backendOf(next));
    await expect(next.query(redeemOf(RECORDS), [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    await Promise.all(clients.map((client) => client.end()));
    await single.close();
  });

  test('of an open transaction is lost with its client, and its connection is not used again', async () => {
    const record = await sealedRecord();
    const holder = await pooledClient('vault_unsealer');
    await holder.query('BEGIN');
    await issuedTicket(holder, RECORDS, [record.walletId, record.chain]);
    const before = await backendOf(holder);
    await holder.end();
    const next = await Promise.all([1, 2, 3].map(async () => backendOf(await pooledClient('vault_unsealer'))));
    expect(next).not.toContain(before);
  });
});

describe('a connection through a pooler', () => {
  test('fails if the client sends settings, as RDS Proxy refuses them', async () => {
    const settings = { ...(await pooler.settings('vault_sealer')), pooled: false };
    await expect(connect(settings, soon())).rejects.toMatchObject({ code: '0A000' });
  });

  test("fails if only the database's own authority is trusted", async () => {
    const { caFile } = await database.settings('vault_sealer');
    const settings = { ...(await pooler.settings('vault_sealer')), caFile };
    await expect(connect(settings, soon())).rejects.toThrow('certificate');
  });

  test('is refused while the role has settings of its own, and works after the migration has reset them', async () => {
    await superuser.query("ALTER ROLE vault_sealer SET DateStyle = 'German'");
    const store = await pooledStore('vault_sealer');
    await expect(store.seal(newRecord(newWallet()), caller, soon())).rejects.toThrowWithCode('Misconfigured');
    await superuser.query('ALTER ROLE vault_sealer RESET DateStyle');
    await expect(store.seal(newRecord(newWallet()), caller, soon())).resolves.toBeDefined();
  });

  test('takes other time limits of a role than this release gives it', async () => {
    await superuser.query("ALTER ROLE vault_sealer SET statement_timeout = '9s'");
    await expect(
      (await pooledStore('vault_sealer')).seal(newRecord(newWallet()), caller, soon()),
    ).resolves.toBeDefined();
    await superuser.query("ALTER ROLE vault_sealer SET statement_timeout = '10s'");
  });
});

test('a reseal through a pooler replaces no record that it claimed on another connection', async () => {
  // why the reseal connects to the database itself
  const record = recordOf('delegated-share', newWallet());
  await sealer.seal(record, caller, soon());
  const session = new Session(await pooler.settings('vault_resealer'));
  closing.push(session);
  const reseals = new PostgresReseals(session);
  await reseals.start('run-1', TARGET, soon());
  const claimed = await reseals.claim('run-1', [KEYS.present, KEYS.former], 100, 'request-1', soon());
  expect(claimed).toHaveLength(1);
  const holder = await pooledClient('vault_resealer');
  await holder.query('BEGIN');
  const results = await Promise.all(claimed.map((each) => resealed(each)));
  expect(await reseals.finish('run-1', results, soon())).toEqual(['changed']);
  await holder.query('ROLLBACK');
});
