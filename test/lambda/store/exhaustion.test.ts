import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { NewRecord, RecordStore } from '../../../lambda/store/store';
import { FULL_MS, connectInTime } from '../../../lambda/store/connection';
import { logInToMigrate } from '../../../lambda/store/migration-login';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, newRecord, newWallet, query } from './fixtures';

// More processes than connections. Each store stands for a process: it has one connection of its own.

const PROCESSES = 12;
const CONNECTIONS = 6;
let database: TestDatabase;
let record: NewRecord;
let stores: RecordStore[] = [];
beforeAll(async () => {
  database = await TestDatabase.start({ max_connections: CONNECTIONS, superuser_reserved_connections: 1 });
  record = newRecord(newWallet());
  await (await database.store('vault_sealer')).seal(record, caller, soon());
  // a role's own limit is half of what the server had at the migration
  await (await database.superuser()).query('ALTER ROLE vault_unsealer CONNECTION LIMIT -1');
  await database.disconnect();
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  stores = [];
});
afterAll(() => database.stop());

const unseal = (store: RecordStore) => store.unseal(query(record), caller, soon());

describe('more processes than the database has connections', () => {
  test('fail quickly with StoreUnavailable, log no material, and succeed once a connection is free', async () => {
    stores = await Promise.all(Array.from({ length: PROCESSES }, () => database.store('vault_unsealer')));
    const started = performance.now();
    const results = await Promise.allSettled(stores.map(unseal));
    const tookMs = performance.now() - started;
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
    expect(refused.length).toBeGreaterThanOrEqual(PROCESSES - CONNECTIONS);
    expect(refused.length).toBeLessThan(PROCESSES);
    for (const error of refused) expect(error).toMatchObject({ name: 'StoreUnavailable', cause: { code: '53300' } });
    // a call may ask for a second; 20 s would be the time of the call
    expect(tookMs).toBeLessThan(10_000);

    const [served, waiting] = ['fulfilled', 'rejected'].map((status) =>
      stores.filter((_, index) => results[index]?.status === status),
    ) as [RecordStore[], RecordStore[]];
    await Promise.all(served.map((store) => store.close()));
    const [again] = waiting;
    if (again === undefined) throw new Error('expected a refused process, got none');
    expect((await unseal(again)).sealed).toEqual(record.sealed);

    const log = await readFile(database.server.logFile, 'utf8');
    for (const sealed of Object.values(record.sealed)) expect(log).not.toContain(Buffer.from(sealed).toString('hex'));
  });
});

describe('a migration that finds the database full', () => {
  test('waits for longer than a caller, and logs in once a connection is free', async () => {
    const held = await Promise.all(Array.from({ length: CONNECTIONS - 1 }, () => database.login('vault_unsealer')));
    const settings = await database.settings('vault_sealer');
    await expect(connectInTime(settings, soon())).rejects.toThrowWithCode('StoreUnavailable');

    const login = logInToMigrate(settings, settings.password, soon());
    const early = await Promise.race([login.then(() => 'logged in'), sleep(3 * FULL_MS).then(() => 'waits')]);
    await Promise.all(held.map((client) => client.end()));

    expect(early).toBe('waits');
    await (await login).end();
  });
});
