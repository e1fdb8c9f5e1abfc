import { describe, expect, jest, test } from '@jest/globals';
import { VaultError } from '../../../lambda/contract/errors';
import { webhookHandler } from '../../../lambda/invocation/handler';
import { ARN, context, lines, logged, useLines } from './lines';

useLines();

describe('webhookHandler', () => {
  const parts = () => ({ webhookBudgetMs: 1_000 });
  const refusing = (error: unknown) =>
    webhookHandler('receive', parts, async () => {
      throw error;
    });
  const responseOf = (code: string) => ({
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ code, requestId: 'request-1' }),
  });

  test.each(['Pong', 'Sealed', 'Destroyed', 'SupersededDestroyed', 'Duplicate', 'Outdated', 'Ignored'] as const)(
    'responds with 200 if the outcome is %s',
    async (code) => {
      const handler = webhookHandler('receive', parts, async () => ({ code }));

      expect(await handler({}, context())).toEqual({ statusCode: 200, ...responseOf(code) });
    },
  );

  test.each([
    ['InvalidRequest', 400],
    ['TransportRejected', 400],
    ['Conflict', 400],
    ['SignatureMismatch', 401],
    ['PayloadTooLarge', 413],
    ['SecretUnavailable', 503],
    ['KeyThrottled', 503],
    ['KeyTimeout', 503],
    ['KeyUnreachable', 503],
    ['StoreUnavailable', 503],
    ['KeyUnavailable', 500],
    ['Misconfigured', 500],
    ['InternalError', 500],
    ['NotFound', 500],
    ['MessageCorrupt', 500],
  ] as const)('responds to %s with %i and only the code', async (code, statusCode) => {
    const answered = await refusing(new VaultError(code, 'hunter2 was expected'))({}, context());

    expect(answered).toEqual({ statusCode, ...responseOf(code) });
    expect(logged()).toEqual([expect.objectContaining({ level: 'error', code, actor: 'dynamic:webhook' })]);
  });

  test('responds with 500 to an unexpected error, without quoting it', async () => {
    const answered = await refusing(new TypeError('hunter2'))({}, context());

    expect(answered).toEqual({ statusCode: 500, ...responseOf('InternalError') });
    expect(lines.join()).not.toContain('hunter2');
  });

  test('responds with 500 if its parts can not be created, and creates them at the next call', async () => {
    const open = jest.fn(parts).mockImplementationOnce(() => {
      throw new VaultError('Misconfigured', 'environment variables: none');
    });
    const handler = webhookHandler('receive', open, async () => ({ code: 'Pong' }));

    expect(await handler({}, context())).toEqual({ statusCode: 500, ...responseOf('Misconfigured') });
    expect(await handler({}, context())).toEqual({ statusCode: 200, ...responseOf('Pong') });
  });

  test.each([
    ["the webhook's own time", 60_000, 0, 1_000],
    ['the time that Lambda leaves if that is less', 650, 0, 400],
  ])('limits a delivery to %s', async (_which, remaining, least, most) => {
    let left = Number.NaN;
    const handler = webhookHandler('receive', parts, async (_event, call) => {
      left = call.deadline.remainingMs();
      return { code: 'Pong' };
    });

    await handler({}, context(ARN, remaining));

    expect(left).toBeGreaterThan(least);
    expect(left).toBeLessThanOrEqual(most);
  });

  test('logs the outcome of a delivery', async () => {
    const handler = webhookHandler('receive', parts, async () => ({
      code: 'Sealed',
      recordId: 'record-1',
      webhookEvent: 'wallet.delegation.created',
    }));

    await handler({ secret: 'hunter2' }, context());

    expect(logged()).toEqual([
      {
        level: 'info',
        event: 'answered',
        environment: 'unknown',
        function: 'receive',
        requestId: 'request-1',
        actor: 'dynamic:webhook',
        outcome: 'Sealed',
        recordId: 'record-1',
        webhookEvent: 'wallet.delegation.created',
        milliseconds: expect.any(Number),
        Answered: 1,
        _aws: expect.anything(),
      },
    ]);
  });
});
