import { describe, expect, test } from '@jest/globals';
import { resealDefinition } from '../../lib/private/reseal-definition';
import type { Json } from '../../local/emulator/services/states/json';
import { StateError } from '../../local/emulator/services/states/state-error';
import { run as interpreted } from '../local/emulator/services/states/support';

const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:share-vault-prod-reseal:run';
const DEFINITION = resealDefinition({ partition: 'aws', aliasArn: FUNCTION, timeoutSeconds: 450 }, 1);
const EVENT = { source: 'aws.kms', 'detail-type': 'KMS CMK Rotation', detail: { 'key-id': 'k' } };
const SETTLING = 600;

/** Runs the machine on an input. Each step ends by one of the errors, and then with nothing left. */
const run = (input: Json, ...errors: readonly string[]) => {
  const left = [...errors];
  const reseal = ({ payload }: { readonly payload: Json }): Json => {
    const error = left.shift();
    if (error !== undefined) throw new StateError(error, 'cause');
    const { action } = payload as { readonly action: string };
    return { Payload: { next: action === 'step' ? 'receipt' : 'succeed' } };
  };
  return interpreted(DEFINITION, input, { [FUNCTION]: reseal });
};

describe('the run that a rotation starts', () => {
  test('waits ten minutes before its first step, and gives the event to each step', async () => {
    const { calls, sleeps, error } = await run(EVENT);

    expect({ sleeps, error }).toEqual({ sleeps: [SETTLING], error: undefined });
    expect(calls.map(({ payload }) => payload)).toEqual([
      { action: 'step', run: 'run-1', input: EVENT },
      { action: 'receipt', run: 'run-1' },
    ]);
  });

  test('tries for 25 minutes at most to find the new material, and then fails', async () => {
    const { error, sleeps } = await run(EVENT, ...Array<string>(11).fill('KeyUnreachable'));

    expect(error).toBe('KeyUnreachable');
    expect(sleeps).toEqual([SETTLING, 5, 10, 20, 40, 80, 160, 300, 300, 300, 300]);
  });
});

describe('a run with another input', () => {
  test.each<[Json]>([
    [{}],
    [{ source: 'aws.kms.other' }],
    [{ source: 'aws.events', detail: {} }],
    [{ source: null }],
    [{ source: ['aws.kms'] }],
    [{ detail: EVENT }],
    [[]],
    [[EVENT]],
    ['aws.kms'],
    [7],
  ])('%j does not wait, and skips no work', async (input) => {
    const { calls, sleeps, error } = await run(input);

    expect({ sleeps, error }).toEqual({ sleeps: [], error: undefined });
    expect(calls.map(({ payload }) => payload)).toMatchObject([{ action: 'step', input }, { action: 'receipt' }]);
  });
});

describe('a step', () => {
  test('that IAM denies is tried three times within a quarter of a minute: the name is also that of a failed server', async () => {
    const { error, sleeps, calls } = await run({}, ...Array<string>(3).fill('Lambda.AWSLambdaException'));

    expect({ error, sleeps, calls: calls.length }).toEqual({
      error: 'Lambda.AWSLambdaException',
      sleeps: [5, 10],
      calls: 3,
    });
  });

  test.each(['Lambda.ResourceNotFoundException', 'States.Permissions', 'KeyUnavailable', 'Frozen'])(
    'fails at once with %s',
    async (name) => {
      expect(await run({}, name)).toMatchObject({ error: name, sleeps: [] });
    },
  );

  test.each([
    ['Lambda.TooManyRequestsException', 5],
    ['KeyThrottled', 5],
    ['Lambda.Unknown', 60],
    ['States.Timeout', 60],
  ])('is tried again after %s', async (name, seconds) => {
    expect((await run({}, name)).sleeps).toEqual([seconds]);
  });
});
