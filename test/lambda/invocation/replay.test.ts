import { beforeEach, describe, expect, test } from '@jest/globals';
import { KINDS, type Kind } from '../../../lambda/contract/kinds';
import type { ReplayRequest } from '../../../lambda/contract/tombstones';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import type { ActorCall } from '../../../lambda/invocation/handler';
import { replay } from '../../../lambda/invocation/replay';
import { PostgresTombstones } from '../../../lambda/store/tombstones';

const statements: (readonly unknown[])[] = [];
let outcomes: { readonly outcome: string; readonly destroyed: string }[];
const tombstones = new PostgresTombstones({
  query: (_sql, values) => {
    statements.push(values);
    return Promise.resolve([{ freezes: '1', ...outcomes.shift() }]);
  },
});
beforeEach(() => {
  statements.length = 0;
  outcomes = [
    { outcome: 'applied', destroyed: '2' },
    { outcome: 'known', destroyed: '0' },
  ];
});

const callAs = (kinds: readonly Kind[]) =>
  ({ actor: { name: 'admin', kinds }, requestId: 'request-1', deadline: deadlineIn(1_000) }) as unknown as ActorCall;
const REPLAY: ReplayRequest = {
  action: 'replay-tombstones',
  environment: 'prod',
  tombstones: [
    { walletId: 'w-1', chain: 'EVM', revokedUntilNs: '7' },
    { walletId: 'w-2', chain: 'EVM', serverKeySharesRevokedAt: '2026-01-31T12:00:00.000Z' },
  ],
  reason: 'restore',
};
const FINISH: ReplayRequest = { action: 'finish-replay', environment: 'prod', until: '2026-01-31T12:00:00.000Z' };
const replayed = (request: ReplayRequest, environment = 'prod', kinds: readonly Kind[] = KINDS) =>
  replay(request, callAs(kinds), { environment, tombstones, bucket: undefined });

test('tombstones are applied one by one, and counted', async () => {
  await expect(replayed(REPLAY)).resolves.toEqual({ applied: 1, known: 1, destroyed: 2 });

  expect(statements).toEqual([
    ['w-1', 'EVM', '7', undefined, 'restore', 'admin', 'request-1'],
    ['w-2', 'EVM', undefined, '2026-01-31T12:00:00.000Z', 'restore', 'admin', 'request-1'],
  ]);
});

test('the end of a replay passes its time to the database', async () => {
  await expect(replayed(FINISH)).resolves.toEqual({ freezes: 1 });

  expect(statements).toEqual([[undefined, '2026-01-31T12:00:00.000Z', 'admin', 'request-1']]);
});

describe.each([
  ['tombstones', REPLAY],
  ['the end of a replay', FINISH],
])('%s', (_what, request) => {
  test('of another environment are refused', async () => {
    await expect(replayed(request, 'dev')).rejects.toThrowWithCode('InvalidRequest');
    expect(statements).toEqual([]);
  });

  test.each(KINDS)('of an actor that was given only %s are refused', async (kind) => {
    await expect(replayed(request, 'prod', [kind])).rejects.toThrowWithCode('ActorRequired');
    expect(statements).toEqual([]);
  });
});
