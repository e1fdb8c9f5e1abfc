import { expect, test } from '@jest/globals';
import { tombstoneObject } from '../../../lambda/contract/tombstone-object';
import { DELEGATED_TOMBSTONES_PREFIX, TOMBSTONES_PREFIX } from '../../../lambda/contract/tombstone-prefix';
import { listTombstones } from '../../../lambda/store/tombstone-pages';

const EPOCH = '1970-01-01T00:00:00.000000Z';
const keyOf = (prefix: string, notedAt: string, walletId = 'w') =>
  tombstoneObject({ environment: 'prod', walletId, chain: 'EVM', revokedUntilNs: '1', notedAt }, prefix).key;

/** Returns the keys that the pages of a bucket have, and how often the bucket was asked; a page has two objects. */
async function listed(keys: readonly string[], since?: string) {
  const [found, asked]: [string[], string[]] = [[], []];
  const bucket = {
    listOldest: (prefix: string, start: string) => {
      asked.push(start);
      const later = keys.filter((key) => key.startsWith(prefix) && key > start).sort();
      const objects = later.slice(0, 2).map((key) => ({ key, versionId: 'v', size: 1 }));
      return Promise.resolve({ objects, next: later.length > 2 ? objects.at(-1)?.key : undefined });
    },
  };
  for (let after: string | undefined; ;) {
    const { objects, next } = await listTombstones(bucket, { since, after }, AbortSignal.timeout(1_000));
    found.push(...objects.map(({ key }) => key));
    if (next === undefined) return { found, asked };
    expect(after === undefined || next > after).toBe(true);
    after = next;
  }
}

const unknown = ['a', 'b', 'c'].map((walletId) => keyOf(TOMBSTONES_PREFIX, EPOCH, walletId)).sort();
const before = [1, 2, 3, 4, 5, 6].map((day) => keyOf(TOMBSTONES_PREFIX, `2026-11-0${day}T00:00:00.000000Z`));
const later = [1, 2, 3].map((day) => keyOf(TOMBSTONES_PREFIX, `2026-12-0${day}T00:00:00.000000Z`));
const delegated = ['2026-11-01', '2026-12-01'].map((day) =>
  keyOf(DELEGATED_TOMBSTONES_PREFIX, `${day}T00:00:00.000000Z`),
);
const all = [...unknown, ...before, ...later, ...delegated];

test('pages of a bucket have the tombstones of both prefixes, each once', async () => {
  expect((await listed(all)).found).toEqual([...all].sort());
  expect((await listed(later)).found).toEqual(later);
  expect((await listed(delegated)).found).toEqual(delegated);
  expect((await listed([])).found).toEqual([]);
});

test('pages since a time have the tombstones of an unknown time too, and pass over those between', async () => {
  const { found, asked } = await listed(all, '2026-12-01T00:00:00.000Z');

  expect(found).toEqual([delegated[1], ...unknown, ...later]);
  expect(asked.filter((start) => before.includes(start))).toEqual([]);
});

test('pages since a time have no tombstone of before, also if none has an unknown time', async () => {
  expect((await listed([...before, ...later], '2026-11-30T00:00:00.000Z')).found).toEqual(later);
  expect((await listed(before, '2026-12-01T00:00:00.000Z')).found).toEqual([]);
});
