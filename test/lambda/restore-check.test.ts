import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { VaultError } from '../../lambda/contract/errors';
import { handler } from '../../lambda/restore-check';
import { caller, newRecordOf, newWallet, query } from './store/fixtures';
import { database } from './store/stores';
import { soon } from '../support/postgres';
import { canaries, checkEvent, checkerEnv, restored, results, useRestoreChecker } from './invocation/restore-checker';

/** Runs the function in this process, with its own settings, over PostgreSQL and the local KMS. */
const environment = { ...process.env };
const out: string[] = [];

useRestoreChecker();
beforeAll(() => {
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => out.push(String(line)) > 0);
});
beforeEach(async () => {
  out.length = 0;
  Object.assign(process.env, await checkerEnv());
});
afterEach(() => {
  process.env = { ...environment };
});
afterAll(() => {
  jest.restoreAllMocks();
});

const contextOf = (qualifier: string) =>
  ({
    awsRequestId: 'request-1',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:111122223333:function:restore-check${qualifier}`,
    getRemainingTimeInMillis: () => 60_000,
  }) as Context;
const call = (event: unknown, qualifier = ':check') => handler(event, contextOf(qualifier));
const lines = () => out.flatMap((text) => text.trim().split('\n')).map((line): unknown => JSON.parse(line));
const common = { function: 'restore-check', actor: 'vault:restore-check', environment: 'local' };

describe('the function restore-check', () => {
  test('keeps a canary, and reports the days since a restore test', async () => {
    const before = await canaries();

    const response = await call({ action: 'keep' });

    expect(response).toEqual({ canary: expect.stringMatching(/^[0-9a-f-]{36}$/), daysSinceRestoreTest: 0 });
    expect(await canaries()).toBe(before + 1);
    expect(lines()).toMatchObject([{ event: 'answered', ...common, daysSinceRestoreTest: 0, DaysSinceRestoreTest: 0 }]);
  });

  test('connects to the restored database, and reports its result and its times', async () => {
    const restoreJobId = 'JOB-1';

    expect(await call(checkEvent({ restoreJobId }))).toMatchObject({ status: 'SUCCESSFUL' });

    expect(await results(restoreJobId)).toEqual(['proven-restore sealed']);
    expect(lines()).toMatchObject([
      {
        ...{ event: 'answered', ...common, restoreJob: restoreJobId, restoreTest: 'SUCCESSFUL' },
        ...{ RestoreMinutes: 12, RecoveryPointAgeMinutes: 90, DaysSinceRestoreTest: 0 },
      },
    ]);
    const [{ _aws: metrics } = {}] = lines() as { readonly _aws?: { readonly CloudWatchMetrics: unknown } }[];
    const named = (Name: string) => ({
      ...{ Namespace: 'ShareVault', Dimensions: [['environment']], Metrics: [{ Name, Unit: 'None' }] },
    });
    expect(metrics?.CloudWatchMetrics).toEqual(
      expect.arrayContaining(['RestoreMinutes', 'RecoveryPointAgeMinutes', 'DaysSinceRestoreTest'].map(named)),
    );
  });

  test('leaves no session in the restored database', async () => {
    const superuser = await restored.superuser();
    await call(checkEvent());

    const sessions = "SELECT FROM pg_stat_activity WHERE usename = 'vault_restore_checker' AND datname = 'share_vault'";
    // a session that was told to end may take a moment
    await expect(emptied(async () => (await superuser.query(sessions)).rowCount ?? 0)).resolves.toBe(0);
  });

  test('passes over the wallets that changed since the backup', async () => {
    const record = newRecordOf('delegated-share', newWallet());
    const [sealer, unsealer, revoker] = await Promise.all(
      ['vault_sealer', 'vault_unsealer', 'vault_revoker'].map((user) => database.store(user)),
    );
    const [first, second] = await walletsOf();
    await sealer?.seal(record, caller, soon());
    await unsealer?.unseal(query(first), caller, soon());
    await revoker?.revoke(second, ['delegated-share'], 'r', caller, soon());

    expect(await call(checkEvent({ restoreJobId: 'changed' }))).toMatchObject({
      status: 'SUCCESSFUL',
      message: expect.stringMatching(/the records of 3 of 5 wallets/),
    });
  });

  test.each(['', ':$LATEST', ':7', ':signer', ':run'])('refuses a call through %j', async (qualifier) => {
    const before = await canaries();

    await expect(call({ action: 'keep' }, qualifier)).rejects.toThrowWithCode('ActorRequired');
    expect(await canaries()).toBe(before);
  });

  test.each([
    ['nothing', null],
    ['a text', 'keep'],
    ['no action', {}],
    ['another action', { action: 'open' }],
    ['a keep with more', { action: 'keep', canary: 'x' }],
    ['no job', { restoreJobId: undefined }],
    ['a job with a blank', { restoreJobId: 'a b' }],
    ['a job with a line feed', { restoreJobId: 'a\n' }],
    ['a job without a name', { restoreJobId: '' }],
    ['a long job', { restoreJobId: 'a'.repeat(61) }],
    ['a job that is an object', { restoreJobId: { toString: 'x' } }],
    ['no cluster', { cluster: undefined }],
    ['a cluster with a user', { cluster: { host: 'localhost', port: 1, user: 'postgres' } }],
    ['a host with options', { cluster: { host: 'localhost?host=evil', port: 1 } }],
    ['a socket', { cluster: { host: '/tmp', port: 1 } }],
    ['several hosts', { cluster: { host: 'localhost,evil', port: 1 } }],
    ['no port', { cluster: { host: 'localhost' } }],
    ['a port in text', { cluster: { host: 'localhost', port: '5433' } }],
    ['a port beyond ports', { cluster: { host: 'localhost', port: 65_536 } }],
    ['a time without milliseconds', { startedAt: '2026-01-01T00:00:00Z' }],
    ['a time of another zone', { startedAt: '2026-01-01T00:00:00.000+02:00' }],
    ['a day that is none', { startedAt: '2026-02-30T00:00:00.000Z' }],
    ['a number as a time', { completedAt: 1 }],
    ['a member more', { verbose: true }],
  ])('refuses an event with %s', async (_what, changes) => {
    const isWhole =
      changes === null || typeof changes === 'string' || 'action' in changes || Object.keys(changes).length === 0;
    const event: unknown = isWhole ? changes : { ...checkEvent(), ...changes };

    await expect(call(event)).rejects.toThrowWithCode('InvalidRequest');
  });

  test('refuses the host of a stranger, and the database of the vault itself', async () => {
    const { port } = database.server;
    for (const cluster of [
      { host: 'evil.example.com', port: 5432 },
      { host: 'localhost', port },
      { host: '127.0.0.1', port },
    ]) {
      await expect(call(checkEvent({ cluster }))).rejects.toThrowWithCode('InvalidRequest');
    }
  });

  test('is misconfigured without a share key in AWS KMS', async () => {
    delete process.env.SHARE_VAULT_SHARE_KEY_ARN;
    jest.resetModules();
    const fresh = await import('../../lambda/restore-check');

    const problem = await fresh.handler({ action: 'keep' }, contextOf(':check')).catch((error: unknown) => error);
    expect(problem).toMatchObject({ name: 'Misconfigured' });
    expect(problem).not.toBeInstanceOf(VaultError);
  });
});

async function walletsOf() {
  const superuser = await database.superuser();
  const { rows } = await superuser.query<{ walletId: string; chain: string }>(
    `SELECT s.wallet_id AS "walletId", s.chain FROM vault.delegated_shares AS s ORDER BY s.created_at LIMIT 2`,
  );
  const [first, second] = rows;
  if (first === undefined || second === undefined) throw new Error('expected two wallets with a share, got fewer');
  return [first, second] as const;
}

/** Waits until a count is 0, and returns the last one. */
async function emptied(count: () => Promise<number>): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await count()) === 0) return 0;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return count();
}
