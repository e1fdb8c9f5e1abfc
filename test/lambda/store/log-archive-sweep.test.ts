import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ChainVerifier } from '../../../lambda/contract/chain';
import { readArchivedLine } from '../../../lambda/contract/log-archive';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { S3Bucket } from '../../../lambda/remote/s3';
import { sweepLog } from '../../../lambda/store/log-archive-sweep';
import type { Migrated } from '../../../lambda/store/migrate';
import { type AwsServer, startAwsServer } from '../../../local/emulator/services';
import { LocalS3 } from '../../../local/emulator/services/s3';
import { newWallet } from './fixtures';
import { appendAt, makePastMonths, monthStart, partitionOf } from './log-months';
import { database, superuser, useStores } from './stores';

useStores(['auditor']);

const ACCOUNT = '111111111111';
const lock = { byDefault: { mode: 'COMPLIANCE', days: 365 } } as const;
const bucket = new S3Bucket({ account: ACCOUNT, bucket: 'mine' });
const migrated: Migrated = { applied: [], current: '', audited: true, frozen: 0 };
const { signal } = new AbortController();

let dir: string;
let server: AwsServer;
const saved = { ...process.env };
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'share-vault-archive-'));
  const buckets = [{ name: 'mine', versioned: true, lock, account: ACCOUNT }];
  server = await startAwsServer({ services: [new LocalS3({ buckets, dir })] });
  await makePastMonths(superuser, 8);
});
beforeEach(() => {
  Object.assign(process.env, {
    ...{ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_S3: server.url },
    ...{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'unused', AWS_SESSION_TOKEN: 'unused' },
  });
});
afterAll(async () => {
  process.env = saved;
  await server.close();
  rmSync(dir, { recursive: true });
});

const sweep = (options: Partial<Parameters<typeof sweepLog>[2]> = {}) =>
  sweepLog(migrated, superuser, {
    ...{ environment: 'prod', bucket, retentionDays: 90, isSweep: true, deadline: deadlineIn(60_000) },
    ...options,
  });
const attached = async () => {
  const { rows } = await superuser.query<{ name: string }>(
    "SELECT name FROM vault_api.log_partitions() WHERE state = 'attached' AND ends IS NOT NULL ORDER BY ends",
  );
  return rows.map(({ name }) => name);
};
const folderOf = (month: number) => `access-log/${monthStart(month).toISOString().slice(0, 7)}/`;
const objectsOf = async (month: number) => (await bucket.listOldest(folderOf(month), '', signal)).objects;
const rowsOf = async (month: number) => {
  const [object] = (await objectsOf(month)).filter(({ key }) => key.includes('/rows/'));
  const bytes = object && (await bucket.get(object, signal));
  return gunzipSync(bytes ?? '').toString().trimEnd().split('\n').map(readArchivedLine); // prettier-ignore
};

test('a deploy states the retention, and archives nothing', async () => {
  const before = await attached();

  expect(await sweep({ isSweep: false })).toMatchObject({ overdueLogMonths: expect.any(Number) });

  expect(await attached()).toEqual(before);
  const { rows } = await superuser.query('SELECT days FROM vault.log_retentions ORDER BY id DESC LIMIT 1');
  expect(rows).toEqual([{ days: 90 }]);
});

test('a sweep whose bucket refuses drops nothing, warns, and counts the months that are overdue', async () => {
  const before = await attached();
  const other = new S3Bucket({ account: '222222222222', bucket: 'mine' });

  const { warnings, overdueLogMonths } = await sweep({ bucket: other });

  expect(warnings).toEqual([expect.stringMatching(/^months of the access log that were not archived: /)]);
  expect(overdueLogMonths).toBeGreaterThan(2);
  expect(await attached()).toEqual(before);
});

test('a sweep without a bucket, or without a retention, drops nothing', async () => {
  const before = await attached();

  expect(await sweep({ bucket: undefined })).toEqual(migrated);
  expect(await sweep({ retentionDays: undefined })).toEqual(migrated);
  expect(await attached()).toEqual(before);
});

test('a sweep beside another one archives nothing', async () => {
  const before = await attached();
  const other = await database.superuser();
  await other.query("SELECT pg_advisory_lock(hashtextextended('share-vault log archive', 0))");

  await sweep();

  expect(await attached()).toEqual(before);
  await other.query('SELECT pg_advisory_unlock_all()');
});

test('a sweep moves months before the retention to the bucket, and their rows verify with those that are left', async () => {
  const wallet = newWallet();
  for (const month of [-8, -8, -7, -1])
    await appendAt(superuser, wallet, new Date(Number(monthStart(month)) + 86_400_000));

  expect(await sweep()).toEqual({ ...migrated, overdueLogMonths: 0 });

  expect((await attached())[0]).toBe(partitionOf(Date.now() - Number(monthStart(-2)) >= 90 * 86_400_000 ? -2 : -3));
  const archived = [...(await rowsOf(-8)), ...(await rowsOf(-7))].filter(
    (row) => row.wallet.walletId === wallet.walletId,
  );
  const verifier = new ChainVerifier(wallet);
  verifier.add(archived.map(({ entry }) => entry));
  expect(verifier.end()).toBeUndefined();
  expect(verifier.position.sequence).toBe(3);
  const { rows } = await superuser.query<{ hash: string }>(
    "SELECT encode(previous_hash, 'hex') AS hash FROM vault.share_access_log WHERE wallet_id = $1",
    [wallet.walletId],
  );
  expect(rows).toEqual([{ hash: verifier.position.hash }]);
  expect((await objectsOf(-6)).map(({ key }) => key)).toEqual([`${folderOf(-6)}manifest.json`]);
});

test.each([
  ['at its limit is no failure', '57014', undefined],
  ['for another reason is a warning', '53100', [expect.stringMatching(/were not archived: StoreUnavailable$/)]],
])('a statement of a sweep that the server ends %s, and drops nothing', async (_why, code, warnings) => {
  const wallet = newWallet();
  await sweep({ isSweep: false, retentionDays: 31 });
  await appendAt(superuser, wallet, new Date(Number(monthStart(-2)) + 86_400_000));
  const before = await attached();
  const query = async (statement: string, values?: unknown[]) => {
    if (!statement.includes('vault.keep_log_bases')) return superuser.query(statement, values);
    return superuser.query(`DO $$ BEGIN RAISE EXCEPTION 'ended' USING ERRCODE = '${code}'; END $$`);
  };
  const client = new Proxy(superuser, {
    get: (all, name) => (name === 'query' ? query : (Reflect.get(all, name) as unknown)),
  });

  const deadline = deadlineIn(60_000);
  const swept = await sweepLog(migrated, client, {
    environment: 'prod',
    bucket,
    retentionDays: 31,
    isSweep: true,
    deadline,
  });

  expect(swept.warnings).toEqual(warnings);
  expect(await attached()).toEqual(before);
  const free = await superuser.query("SELECT FROM pg_locks WHERE locktype = 'advisory'");
  expect(free.rows).toEqual([]);
});

test('the server ends each statement of a sweep when the sweep has no time left', async () => {
  await sweep({ isSweep: false, retentionDays: 31 });
  const limits: unknown[] = [];
  const query = async (statement: string, values?: unknown[]) => {
    const isOwn = statement.includes('vault.keep_log_bases') || statement.includes('vault.finish_log_partition');
    if (isOwn) limits.push((await superuser.query("SELECT current_setting('statement_timeout') AS ms")).rows[0]);
    return superuser.query(statement, values);
  };
  const client = new Proxy(superuser, {
    get: (all, name) => (name === 'query' ? query : (Reflect.get(all, name) as unknown)),
  });

  const deadline = deadlineIn(60_000);
  await sweepLog(migrated, client, { environment: 'prod', bucket, retentionDays: 31, isSweep: true, deadline });

  expect(limits.length).toBeGreaterThan(1);
  expect(limits).toEqual(limits.map(() => ({ ms: expect.stringMatching(/^(\d{1,2}s|\d{4,5}ms)$/) })));
});
