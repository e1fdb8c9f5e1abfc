import { beforeEach, describe, expect, test } from '@jest/globals';
import { readTombstoneObject } from '../../../lambda/contract/tombstone-object';
import { TOMBSTONES_PREFIX } from '../../../lambda/contract/tombstone-prefix';
import { VaultError } from '../../../lambda/contract/errors';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { replayBucket } from '../../../lambda/store/tombstone-replay';
import { type Keeping, keepTombstones } from '../../../lambda/store/tombstone-bucket';
import type { PendingTombstone } from '../../../lambda/store/tombstones';

const tombstone = (number: number): PendingTombstone => ({
  ...{ walletId: `w-${number}`, chain: 'EVM', revokedUntilNs: '7' },
  notedAt: `2026-11-30T12:00:0${number}.000000Z`,
});

let pending: PendingTombstone[];
let objects: Map<string, Buffer>;
let fail: (() => Error) | undefined;
const keeping: Keeping = {
  environment: 'prod',
  bucket: {
    putOnce: (key, bytes) => {
      if (fail) return Promise.reject(fail());
      objects.set(key, bytes);
      return Promise.resolve();
    },
  },
  pending: {
    prefix: TOMBSTONES_PREFIX,
    list: () => Promise.resolve([...pending]),
    keep: (kept) => {
      pending = pending.filter(({ walletId }) => kept.every((each) => each.walletId !== walletId));
      return Promise.resolve();
    },
    count: () => Promise.resolve(pending.length),
  },
};
beforeEach(() => {
  pending = [tombstone(1), tombstone(2)];
  objects = new Map();
  fail = undefined;
});

describe('a revocation', () => {
  test('brings its tombstones into the bucket', async () => {
    expect(await keepTombstones(keeping, deadlineIn(1_000))).toEqual({ tombstonesPending: 0 });

    const read = [...objects].map(([key, bytes]) => readTombstoneObject({ key, bytes }, 'prod').walletId);
    expect(read).toEqual(['w-1', 'w-2']);
  });

  test('reports what it had no place for: nobody else may be bringing it there', async () => {
    pending = Array.from({ length: 35 }, (_, at) => ({ ...tombstone(1), walletId: `w-${at}` }));
    const some = {
      ...keeping.pending,
      list: (most: number) => Promise.resolve(pending.slice(0, most)),
      count: () => Promise.resolve(0),
    };

    expect(await keepTombstones({ ...keeping, pending: some }, deadlineIn(1_000))).toEqual({ tombstonesPending: 3 });
  });

  test('does not fail if the bucket does: it reports what is pending and why', async () => {
    fail = () => new VaultError('KeyUnreachable', 'no connection');

    expect(await keepTombstones(keeping, deadlineIn(1_000))).toEqual({
      tombstonesPending: 2,
      tombstoneFailure: 'KeyUnreachable',
    });
    expect(pending).toHaveLength(2);
  });

  test('reports its own failure also if nothing else is pending for long', async () => {
    fail = () => new VaultError('KeyUnreachable', 'no connection');
    const fresh = { ...keeping, pending: { ...keeping.pending, count: () => Promise.resolve(0) } };

    expect(await keepTombstones(fresh, deadlineIn(1_000))).toEqual({
      tombstonesPending: 1,
      tombstoneFailure: 'KeyUnreachable',
    });
  });

  test('does not fail if the database does: what is pending counts as one, so that the alarm rings', async () => {
    const gone = () => Promise.reject(new VaultError('StoreUnavailable', 'gone'));
    const broken = { ...keeping, pending: { ...keeping.pending, list: gone, keep: gone, count: gone } };

    expect(await keepTombstones(broken, deadlineIn(1_000))).toEqual({
      tombstonesPending: 1,
      tombstoneFailure: 'StoreUnavailable',
    });
  });
});

describe('a replay from the bucket', () => {
  const [applied, asked]: [string[], string[]] = [[], []];
  const replay = (keys: readonly string[], environment = 'prod') => {
    applied.length = asked.length = 0;
    const bucket = {
      listOldest: () =>
        Promise.resolve({
          objects: keys.map((key) => ({ key, versionId: 'v', size: objects.get(key)?.length ?? 0 })),
          next: keys.length > 1 ? keys.at(-1) : undefined,
        }),
      get: ({ key }: { readonly key: string }) => (asked.push(key), fail ? Promise.reject(fail()) : Promise.resolve(objects.get(key) ?? Buffer.alloc(0))), // prettier-ignore
    };
    const tombstones = {
      apply: ({ walletId }: { readonly walletId: string }) => {
        applied.push(walletId);
        return Promise.resolve({ isApplied: walletId === 'w-1', destroyed: 1 });
      },
    };
    const request = { action: 'replay-bucket', environment, reason: 'restore' } as const;
    const caller = { actor: 'admin', requestId: 'request-1' };
    return replayBucket(request, caller, { environment, tombstones, bucket }, deadlineIn(1_000));
  };

  test('applies what it reads, and names the key after which the next page begins', async () => {
    await keepTombstones(keeping, deadlineIn(1_000));
    const keys = [...objects.keys()];

    expect(await replay(keys)).toEqual({
      ...{ applied: 1, known: 1, destroyed: 2, next: keys[1] },
      listedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(applied).toEqual(['w-1', 'w-2']);
  });

  test.each([
    ['was changed', (keys: readonly string[]) => keys[0] ?? '', 'expected an object with the digest that its key has'],
    ['has a key of no vault', () => 'tombstones/a b<&>\u0000', 'expected an object that a vault put'],
    ['is longer than any', (keys: readonly string[]) => keys[0] ?? '', 'expected an object that a vault put'],
  ])('names an object that %s, and applies those after it', async (what, keyOf, problem) => {
    await keepTombstones(keeping, deadlineIn(1_000));
    const keys = [...objects.keys()];
    const key = keyOf(keys);
    objects.set(key, Buffer.alloc(what.endsWith('any') ? 8_193 : 2, '{}'));

    expect(await replay([...new Set([key, ...keys])])).toMatchObject({
      refused: [{ key, problem: expect.stringContaining(problem) }],
    });
    expect(applied).toEqual(keys.map((_, at) => `w-${at + 1}`).slice(keys.includes(key) ? 1 : 0));
    expect(asked.includes(key)).toBe(what === 'was changed');
  });

  test('names the objects of another environment, and applies none', async () => {
    await keepTombstones(keeping, deadlineIn(1_000));

    const { refused, ...rest } = await replay([...objects.keys()], 'dev');
    const problem = 'expected tombstones of this environment, got something else';
    expect(refused).toEqual([...objects.keys()].map((key) => ({ key, problem })));
    expect(rest).toMatchObject({ applied: 0, known: 0, destroyed: 0 });
    expect(applied).toEqual([]);
  });

  test('names an object that S3 does not return, and fails if S3 can’t be reached', async () => {
    await keepTombstones(keeping, deadlineIn(1_000));
    const [key = ''] = objects.keys();
    fail = () => new VaultError('KeyUnavailable', 'expected s3 to do as asked, got status 403');
    expect(await replay([key])).toMatchObject({ refused: [{ key, problem: expect.stringContaining('403') }] });

    fail = () => new VaultError('KeyUnreachable', 'no connection');
    await expect(replay([key])).rejects.toThrowWithCode('KeyUnreachable');
  });

  test('of a vault without a bucket is refused', async () => {
    const request = { action: 'replay-bucket', environment: 'prod', reason: 'r' } as const;
    const parts = { environment: 'prod', tombstones: { apply: () => Promise.reject(new Error()) }, bucket: undefined };

    await expect(
      replayBucket(request, { actor: 'a', requestId: 'r' }, parts, deadlineIn(1_000)),
    ).rejects.toThrowWithCode('InvalidRequest');
  });
});
