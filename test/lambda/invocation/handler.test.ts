import { describe, expect, jest, test } from '@jest/globals';
import { inspect } from 'node:util';
import { VaultError } from '../../../lambda/contract/errors';
import { actorHandler, deployHandler } from '../../../lambda/invocation/handler';
import { MessageError } from '../../../lambda/message';
import { ARN, context, lines, logged, useLines } from './lines';

const ACTORS = { actors: new Map([['signer', ['delegated-share']]]) };

useLines();

describe('actorHandler', () => {
  test('passes actor, request id and remaining time to the handler', async () => {
    const handler = actorHandler(
      'seal',
      () => ACTORS,
      async (event, call) => ({
        event,
        actor: call.actor.name,
        requestId: call.requestId,
        inTime: call.deadline.remainingMs() > 2_000 && call.deadline.remainingMs() <= 2_750,
      }),
    );

    expect(await handler('hello', context())).toEqual({
      event: 'hello',
      actor: 'signer',
      requestId: 'request-1',
      inTime: true,
    });
  });

  test('refuses an unknown actor before it acts', async () => {
    const act = jest.fn(async () => 'done');
    const handler = actorHandler('seal', () => ACTORS, act);

    await expect(handler({}, context(ARN.replace('signer', 'stranger')))).rejects.toThrowWithCode('ActorRequired');
    expect(act).not.toHaveBeenCalled();
  });

  test('opens its parts once', async () => {
    const open = jest.fn(() => ACTORS);
    const handler = actorHandler('seal', open, async () => 'done');

    await handler({}, context());
    await handler({}, context());

    expect(open).toHaveBeenCalledTimes(1);
  });

  test('opens its parts again after that failed', async () => {
    const open = jest
      .fn(() => ACTORS)
      .mockImplementationOnce(() => {
        throw new VaultError('Misconfigured', 'environment variables: none');
      });
    const handler = actorHandler('seal', open, async () => 'done');

    await expect(handler({}, context())).rejects.toThrowWithCode('Misconfigured');
    await expect(handler({}, context())).resolves.toBe('done');
  });

  test('reads the actor again at each invocation', async () => {
    const handler = actorHandler(
      'seal',
      () => ACTORS,
      async () => 'done',
    );
    await handler({}, context());

    await expect(handler({}, context(ARN.replace(':signer', '')))).rejects.toThrowWithCode('ActorRequired');
  });

  test('logs a response with its actor and nothing of the event', async () => {
    const handler = actorHandler(
      'seal',
      () => ACTORS,
      async () => ({ secret: 'hunter2' }),
    );

    await handler({ secret: 'hunter2' }, context());

    expect(logged()).toEqual([
      {
        level: 'info',
        event: 'answered',
        environment: 'unknown',
        function: 'seal',
        requestId: 'request-1',
        actor: 'signer',
        milliseconds: expect.any(Number),
        Answered: 1,
        _aws: expect.anything(),
      },
    ]);
  });

  test('throws the refusals of the sealed format under their codes', async () => {
    const handler = actorHandler(
      'unseal',
      () => ACTORS,
      async () => {
        throw new MessageError('MessageCorrupt', 'expected a tag that fits');
      },
    );

    await expect(handler({}, context())).rejects.toThrowWithCode('MessageCorrupt');
  });

  test('reveals nothing of an unexpected failure but its code', async () => {
    const handler = actorHandler(
      'seal',
      () => ACTORS,
      async () => {
        throw Object.assign(new Error('hunter2'), { code: 'EHUNTER', detail: 'hunter2' });
      },
    );

    await expect(handler({}, context())).rejects.toMatchObject({
      name: 'InternalError',
      message: 'unexpected failure',
    });
    expect(logged()).toEqual([
      expect.objectContaining({ level: 'error', code: 'InternalError', cause: 'EHUNTER', actor: 'signer' }),
    ]);
    expect(lines.join()).not.toContain('hunter2');
    const thrown: unknown = await handler({}, context()).catch((error: unknown) => error);
    expect(inspect(thrown)).not.toContain('hunter2');
  });

  test('logs no cause whose name is not a plain word', async () => {
    const handler = actorHandler(
      'seal',
      () => ACTORS,
      async () => {
        throw new VaultError('StoreUnavailable', 'lost', {
          cause: Object.assign(new Error('x'), { code: 'hunter2 = 1' }),
        });
      },
    );

    await expect(handler({}, context())).rejects.toThrowWithCode('StoreUnavailable');
    expect(logged()).toEqual([expect.not.objectContaining({ cause: expect.anything() })]);
  });

  test('leaves no time to an invocation that is almost over', async () => {
    const handler = actorHandler(
      'seal',
      () => ACTORS,
      async (_event, call) => call.deadline.remainingMs(),
    );

    expect(await handler({}, context(ARN, 100))).toBe(0);
  });
});

describe('deployHandler', () => {
  test('responds to each caller that may invoke it, without an actor', async () => {
    const handler = deployHandler(
      'migrate',
      () => 'parts',
      async ({ requestId }, parts) => ({ requestId, parts, audited: true, frozen: 0 }),
    );

    const response = { requestId: 'request-1', parts: 'parts', audited: true, frozen: 0 };
    expect(await handler({}, context(ARN.replace(':signer', '')))).toEqual(response);
  });

  test.each([
    ['the alias of the schedule', ':sweep', true],
    ['a version, as a deploy does', ':7', false],
    ['another alias', ':sweeper', false],
    ['no alias', '', false],
  ])('takes a call by %s for a daily one or for a deploy', async (_what, qualifier, expected) => {
    const seen: boolean[] = [];
    const handler = deployHandler(
      'migrate',
      () => 'parts',
      async ({ isSweep }) => {
        seen.push(isSweep);
        return { audited: true, frozen: 0 };
      },
    );
    await handler({}, context(ARN.replace(':signer', qualifier)));

    expect(seen).toEqual([expected]);
  });

  test('logs and counts that the database has no audit', async () => {
    const handler = deployHandler(
      'migrate',
      () => 'parts',
      async () => ({ audited: false, frozen: 2 }),
    );
    await handler({}, context(ARN.replace(':signer', '')));
    expect(logged()).toMatchObject([{ event: 'answered', function: 'migrate', audited: false, Unaudited: 1 }]);
  });

  test('logs and sends how far records are behind the share key', async () => {
    const handler = deployHandler(
      'migrate',
      () => 'parts',
      async () => ({ audited: true, frozen: 0, staleRecords: 3, oldestMaterialDays: 98 }),
    );
    await handler({}, context(ARN.replace(':signer', '')));
    expect(logged()).toMatchObject([{ staleRecords: 3, StaleRecords: 3, OldestMaterialDays: 98 }]);
  });

  test('logs what waits to be destroyed after a sweep', async () => {
    const waiting = { records: { count: 2, since: '2026-01-01T00:00:00.000Z' }, bodies: { count: 0 }, tickets: { count: 0 }, overdue: 0 }; // prettier-ignore
    const handler = deployHandler(
      'migrate',
      () => 'parts',
      async () => ({ audited: true, frozen: 0, waiting }),
    );

    await handler({}, context(ARN.replace(':signer', '')));

    expect(logged()).toMatchObject([{ event: 'answered', function: 'migrate', waiting }]);
  });

  test('logs the warnings of a migration, which a schedule does not read', async () => {
    const warnings = ['reset a setting that a login role had: vault_reader DateStyle'];
    const handler = deployHandler(
      'migrate',
      () => 'parts',
      async () => ({ audited: true, frozen: 0, warnings }),
    );

    await handler({}, context(ARN.replace(':signer', '')));

    expect(logged()).toMatchObject([{ event: 'answered', function: 'migrate', warnings }]);
  });
});
