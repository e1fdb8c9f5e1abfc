import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runLog } from '../../../client/commands/log/index';
import type { ArchivedRow } from '../../../lambda/contract/log-archive';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { archivePartition } from '../../../lambda/store/log-archive';
import { FakeBucket, FakePartitions } from '../../lambda/store/fake-archive';
import { logRows, timesOf } from '../../support/log-rows';

const wallets = ['w-1', 'w-2', 'w-3'].map((id) => logRows(id, [...timesOf('2026-01', 3), ...timesOf('2026-02', 3)]));
const january = wallets.flatMap((rows) => rows.slice(0, 3));
const february = wallets.flatMap((rows) => rows.slice(3));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'share-vault-archive-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Archives rows as the vault does, and copies the bucket to a folder. Returns the month's folder. */
async function archive(month: number, rows: readonly ArchivedRow[], environment = 'prod'): Promise<string> {
  const of = (at: number) => new Date(Date.UTC(2026, at));
  const partition = { name: 'month', from: of(month - 1), until: of(month), overdue: false };
  const [bucket, partitions] = [new FakeBucket(), new FakePartitions(partition, rows)];
  const sizes = { page: 2, rows: 4, bytes: 1_000_000 };
  await archivePartition({ environment, bucket, partitions, sizes }, partition, deadlineIn(60_000));
  for (const [key, bytes] of bucket.objects) {
    mkdirSync(dirname(join(dir, key)), { recursive: true });
    writeFileSync(join(dir, key), bytes);
  }
  return join(dir, 'access-log', `2026-0${month}`);
}

async function verify(folders: readonly string[], values: Readonly<Record<string, string | readonly string[]>> = {}) {
  const stderr = new PassThrough();
  const context = { environment: 'prod', region: undefined, env: {}, stdin: new PassThrough(), stdout: new PassThrough(), stderr }; // prettier-ignore
  const code = await runLog(context, { verify: true, archive: folders, ...values });
  return { code, text: String(stderr.read() ?? '') };
}

const objectIn = (folder: string, at: number) => join(folder, 'rows', readdirSync(join(folder, 'rows'))[at] ?? '');

describe('the verification of archived months', () => {
  test('ends with 0 for intact months, in any order, and prints the digests of their manifests', async () => {
    const folders = [await archive(2, february), await archive(1, january)];

    const { code, text } = await verify(folders);

    expect(text).toContain('verified 18 rows of 3 wallets\nintact: the archive\n');
    expect(text.match(/9 rows before 2026-0[23]-01T00:00:00.000Z, 3 objects, manifest [0-9a-f]{64}/g)).toHaveLength(2);
    expect(code).toBe(0);
  });

  test('joins a row that a step of the clock brought into an earlier month than the row before it', async () => {
    const [rows = []] = wallets;
    const moved = [rows[0], rows[1], rows[3]].filter((row) => row !== undefined);
    const rest = [rows[2], rows[4], rows[5]].filter((row) => row !== undefined);

    const { code } = await verify([await archive(1, moved), await archive(2, rest)]);

    expect(code).toBe(0);
  });

  test('states that rows of earlier months are missing, if none of them is given', async () => {
    const { code, text } = await verify([await archive(2, february)]);

    expect(code).toBe(0);
    expect(text).toContain('3 wallets begin after row 1: their first rows are in earlier months\n');
  });

  test('finds a changed object, and one that is missing', async () => {
    const folder = await archive(1, january);
    const changed = readFileSync(objectIn(folder, 0));
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    writeFileSync(objectIn(folder, 0), changed);
    rmSync(objectIn(folder, 2));

    const { code, text } = await verify([folder]);

    expect(code).toBe(1);
    expect(text).toContain('expected the digest of the manifest, got another\n');
    expect(text).toContain('expected a file that can be read, got ENOENT\n');
  });

  test.each([
    ['a row that was dropped', (rows: readonly ArchivedRow[]) => rows.toSpliced(1, 1), 'expected row 2, got row 3'],
    [
      'a row that is there twice',
      (rows: readonly ArchivedRow[]) => rows.toSpliced(1, 0, ...rows.slice(1, 2)),
      'expected row 3, got row 2',
    ],
    [
      'a row with another content',
      (rows: readonly ArchivedRow[]) =>
        rows.map((row, at) => (at === 1 ? { ...row, entry: { ...row.entry, actor: 'x' } } : row)),
      "row 2: expected the hash of the row's content, got another",
    ],
  ])('finds %s in an archive that is whole by its digests', async (_, change, problem) => {
    const { code, text } = await verify([await archive(1, change(january)), await archive(2, february)]);

    expect(code).toBe(1);
    expect(text).toContain(`wallet "w-1" on "EVM": ${problem}\n`);
  });

  test('finds a month that is missing between two others', async () => {
    const [rows = []] = wallets;
    const { code, text } = await verify([await archive(1, rows.slice(0, 2)), await archive(3, rows.slice(4))]);

    expect(code).toBe(1);
    expect(text).toContain('wallet "w-1" on "EVM": expected row 3, got row 5\n');
  });

  test('compares the last row of a wallet with a head that is given', async () => {
    const folders = [await archive(1, january)];
    const { hash = '' } = january[2]?.entry ?? {};
    const of = (head: string) => verify(folders, { wallet: 'w-1', chain: 'EVM', head });

    expect((await of(`3:${hash}`)).code).toBe(0);
    expect((await of(`4:${hash}`)).text).toContain('expected row 4 to be the last one, got row 3');
    expect((await of(`3:${'0'.repeat(64)}`)).code).toBe(1);
    expect((await verify(folders, { wallet: 'other', chain: 'EVM', head: `3:${hash}` })).code).toBe(1);
  });

  test('finds a manifest whose digest is not one of those that the database noted', async () => {
    const folders = [await archive(1, january), await archive(2, february)];
    const digests = folders.map((folder) =>
      createHash('sha256').update(readFileSync(join(folder, 'manifest.json'))).digest('hex'),
    ); // prettier-ignore

    const all = await verify(folders, { manifest: digests });
    const one = await verify(folders, { manifest: digests.slice(1) });

    expect(all.code).toBe(0);
    expect(one.code).toBe(1);
    expect(one.text).toContain(
      `2026-01: expected a manifest with one of the digests that are given, got ${digests[0] ?? ''}\n`,
    );
    await expect(verify(folders, { manifest: ['00'] })).rejects.toThrow('--manifest: expected a SHA-256');
  });

  test('finds that a month is missing whose digest the database noted, at the end too', async () => {
    const folders = [await archive(1, january), await archive(2, february)];
    const digests = folders.map((folder) =>
      createHash('sha256').update(readFileSync(join(folder, 'manifest.json'))).digest('hex'),
    ); // prettier-ignore

    const { code, text } = await verify(folders.slice(0, 1), { manifest: digests });

    expect(code).toBe(1);
    expect(text).toContain(`expected a folder with the manifest ${digests[1] ?? ''}, got none\n`);
    expect(text).not.toContain(`${digests[0] ?? ''}, got none`);
  });

  test('refuses months of two environments, a month twice, and a folder without a manifest', async () => {
    const folder = await archive(1, january);
    const other = await archive(2, february, 'staging');

    await expect(verify([folder, other])).rejects.toThrow('--archive: expected months of one environment, got several');
    await expect(verify([folder, folder])).rejects.toThrow('--archive: expected each month once, got one twice');
    await expect(verify([dir])).rejects.toThrow('expected a folder with manifest.json, got ENOENT');
    writeFileSync(join(folder, 'manifest.json'), '{}');
    await expect(verify([folder])).rejects.toThrow('expected the manifest of an archive, got something else');
  });
});
