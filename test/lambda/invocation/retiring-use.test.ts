import { expect, jest, test } from '@jest/globals';
import { type Deadline, deadlineIn } from '../../../lambda/invocation/deadline';
import type { ActorCall } from '../../../lambda/invocation/handler';
import { RetiringUse } from '../../../lambda/invocation/retiring-use';

test('the response of unseal waits two seconds at most for what a retired key opened, and the log line says so', async () => {
  const noteOpened = jest.fn<ActorCall['noteOpened']>();
  const call = { deadline: deadlineIn(60_000), noteOpened } as unknown as ActorCall;
  const deadlines: number[] = [];
  const stalled = {
    query: (_sql: string, _values: readonly unknown[], deadline: Deadline) => {
      deadlines.push(deadline.remainingMs());
      return Promise.reject(new Error('no response'));
    },
  };
  const retiring = new RetiringUse();
  retiring.note('key');

  await retiring.report(call, stalled, performance.now());

  expect(deadlines).toHaveLength(1);
  expect(Math.max(...deadlines)).toBeLessThanOrEqual(2_000);
  expect(noteOpened.mock.calls).toEqual([
    [{ openedRetiring: 1 }],
    [{ warnings: ['it is unknown whether a record still needs the keys that opened'] }],
  ]);
});
