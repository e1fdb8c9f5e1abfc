import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { addBits, readArchivedLine, readManifest, rowBits } from '../../../lambda/contract/log-archive';
import { type Deadline, deadlineIn } from '../../../lambda/invocation/deadline';
import { archivePartition } from '../../../lambda/store/log-archive';
import { logRows, timesOf } from '../../support/log-rows';
import { FakeBucket, FakePartitions } from './fake-archive';

const partition = {
  name: 'share_access_log_2026_01',
  from: new Date('2026-01-01T00:00:00Z'),
  until: new Date('2026-02-01T00:00:00Z'),
  overdue: false,
};
const FOLDER = 'access-log/2026-01/';
const rows = ['w-1', 'w-2', 'w-3', 'w-4'].flatMap((id) => logRows(id, timesOf('2026-01', 5)));
const bits = addBits(rows.map(rowBits));
const sizes = { page: 3, rows: 6, bytes: 1_000_000 };

function makeArchive(own = rows) {
  const [bucket, partitions] = [new FakeBucket(), new FakePartitions(partition, own)];
  const run = (deadline = deadlineIn(60_000)) =>
    archivePartition({ environment: 'prod', bucket, partitions, sizes }, partition, deadline);
  return { bucket, partitions, run };
}

/** A deadline with time for so many pages, and then nearly ten seconds. */
const timeFor = (pages: number): Deadline => {
  let left = pages;
  return { signal: deadlineIn(60_000).signal, remainingMs: () => ((left -= 1) >= 0 ? 10_000 : 9_999) };
};

const linesIn = ({ objects }: FakeBucket) =>
  [...objects]
    .filter(([key]) => key.includes('/rows/'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, bytes]) => gunzipSync(bytes).toString().trimEnd().split('\n'));

describe('an archive of a month', () => {
  test('has every row once, in the order of the database, in objects of a bounded size', async () => {
    const { bucket, run } = makeArchive();

    expect(await run()).toBe(true);

    expect(linesIn(bucket).map(readArchivedLine)).toEqual(rows);
    const names = [...bucket.objects.keys()].filter((key) => key.includes('/rows/'));
    expect(names.map((key) => key.slice(FOLDER.length, FOLDER.length + 14))).toEqual([
      ...['rows/000001-6-', 'rows/000002-6-', 'rows/000003-6-', 'rows/000004-2-'],
    ]);
  });

  test('ends with a manifest of the digests, whose own digest the database notes with the number of rows', async () => {
    const { bucket, partitions, run } = makeArchive();

    await run();

    const bytes = bucket.objects.get(`${FOLDER}manifest.json`) ?? Buffer.alloc(0);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(partitions.finished).toEqual([{ key: `${FOLDER}manifest.json`, sha256, rows: 20, bits }]);
    expect(readManifest(bytes.toString())).toMatchObject({
      ...{ format: 1, environment: 'prod', rows: 20 },
      ...{ from: '2026-01-01T00:00:00.000Z', until: '2026-02-01T00:00:00.000Z' },
      objects: [{ rows: 6 }, { rows: 6 }, { rows: 6 }, { rows: 2 }],
    });
  });

  test('of a month without rows has a manifest only', async () => {
    const { bucket, partitions, run } = makeArchive([]);

    expect(await run()).toBe(true);
    expect([...bucket.objects.keys()]).toEqual([`${FOLDER}manifest.json`]);
    expect(partitions.finished).toMatchObject([{ rows: 0 }]);
  });

  test('is the same archive after a call ended at any point, before or after the effect of a request', async () => {
    const whole = makeArchive();
    await whole.run();
    let points = 0;
    for (const failsAfter of [false, true]) {
      for (let failIn = 1; ; failIn += 1) {
        const { bucket, partitions, run } = makeArchive();
        Object.assign(bucket, { failIn, failsAfter });
        const ended = await run().then(() => false, () => true); // prettier-ignore
        if (!ended) break;
        points += 1;
        expect(partitions.finished).toEqual([]);
        expect(await run()).toBe(true);
        expect([...bucket.objects].sort()).toEqual([...whole.bucket.objects].sort());
        expect(partitions.finished).toEqual(whole.partitions.finished);
      }
    }
    // one list, four objects and the manifest, each before and after
    expect(points).toBe(12);
  });

  test('goes on behind the rows that the bucket has, without reading them again', async () => {
    const { bucket, partitions, run } = makeArchive();
    Object.assign(bucket, { failIn: 4 });
    await expect(run()).rejects.toThrow();
    partitions.reads = 0;

    await run();

    // 12 rows are there, 8 are read in pages of 3
    expect(partitions.reads).toBe(3);
  });

  test('is not finished by a call without time, and drops nothing', async () => {
    const { bucket, partitions, run } = makeArchive();

    expect(await run(deadlineIn(0))).toBe(false);
    expect(partitions.finished).toEqual([]);
    expect(bucket.objects.size).toBe(0);
  });

  test('is not dropped by a call that has no time to keep what remains of its rows, and is by a later one', async () => {
    const { partitions, run } = makeArchive();
    partitions.basePages = Infinity;

    // 7 pages of rows, then 2 of bases
    expect(await run(timeFor(9))).toBe(false);
    expect(partitions.kept).toBe(2);
    expect(partitions.finished).toEqual([]);
    partitions.basePages = partitions.kept + 1;
    expect(await run()).toBe(true);
    expect(partitions.finished).toHaveLength(1);
  });

  test('begins no page of rows, and none of what remains of them, with less than ten seconds left', async () => {
    const seen = [];
    for (const pages of [0, 3, 7, 8]) {
      const { partitions, run } = makeArchive();
      seen.push([await run(timeFor(pages)), partitions.reads, partitions.kept]);
    }

    expect(seen).toEqual([
      [false, 0, 0],
      [false, 3, 0],
      [false, 7, 0],
      [false, 7, 1],
    ]);
  });

  test('refuses an object with other bytes than its name states, and drops nothing', async () => {
    const { bucket, partitions, run } = makeArchive();
    Object.assign(bucket, { failIn: 3 });
    await expect(run()).rejects.toThrow();
    const [key = ''] = bucket.objects.keys();
    bucket.objects.set(key, Buffer.from('tampered'));

    await expect(run()).rejects.toThrow(/expected an object with the digest of its name, got another/);
    expect(partitions.finished).toEqual([]);
  });

  test('refuses a gap in the numbers of objects, such as one that is missing, and drops nothing', async () => {
    const { bucket, partitions, run } = makeArchive();
    Object.assign(bucket, { failIn: 5 });
    await expect(run()).rejects.toThrow();
    bucket.objects.delete([...bucket.objects.keys()][1] ?? '');

    await expect(run()).rejects.toThrow(/expected object 2 of rows next, got another/);
    expect(partitions.finished).toEqual([]);
  });

  test('refuses a manifest that is not its own, such as another vault’s, and drops nothing', async () => {
    const { bucket, partitions, run } = makeArchive();
    bucket.objects.set(`${FOLDER}manifest.json`, Buffer.from('{}'));

    await expect(run()).rejects.toThrow(/expected the object of a name to be the same, got another/);
    expect(partitions.finished).toEqual([]);
  });

  test('with rows of another database before its own is refused, since the database compares the rows', async () => {
    const { bucket, run } = makeArchive();
    await run();
    const other = new FakePartitions(partition, logRows('w-9', timesOf('2026-01', 2)));
    bucket.objects.delete(`${FOLDER}manifest.json`);

    const again = archivePartition(
      { environment: 'prod', bucket, partitions: other, sizes },
      partition,
      deadlineIn(60_000),
    );
    await expect(again).rejects.toThrowWithCode('Conflict');
    expect(other.finished).toEqual([]);
  });
});
