import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { handler } from '../../lambda/reseal';
import { createShareKeys } from '../../lambda/keys/share-keys';
import {
  former,
  materialOf,
  places,
  present,
  resealerEnv,
  rotate,
  run,
  sealedUnder,
  unsealOwn,
  useResealer,
} from './invocation/resealer';

/** Runs the function in this process, with its own settings, over PostgreSQL and the local KMS. */
const environment = { ...process.env };
const out: string[] = [];

useResealer();
beforeAll(() => {
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => out.push(String(line)) > 0);
});
beforeEach(async () => {
  out.length = 0;
  Object.assign(process.env, await resealerEnv());
});
afterEach(() => {
  process.env = { ...environment };
});
afterAll(() => {
  jest.restoreAllMocks();
});

const contextOf = (qualifier: string) =>
  ({
    awsRequestId: 'request-1',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:111122223333:function:reseal${qualifier}`,
    getRemainingTimeInMillis: () => 60_000,
  }) as Context;
const call = (event: unknown, qualifier = ':run') => handler(event, contextOf(qualifier));
/** Returns a call of the function in an execution environment of its own, with the keys of this test. */
async function freshCall(): Promise<(event: unknown) => Promise<unknown>> {
  jest.resetModules();
  const fresh = await import('../../lambda/reseal');
  return (event) => fresh.handler(event, contextOf(':run'));
}
const lines = () => out.flatMap((text) => text.trim().split('\n')).map((line): unknown => JSON.parse(line));

describe('the function reseal', () => {
  test('reseals, and writes a receipt, with its settings only; both are logged and counted', async () => {
    const record = await sealedUnder(former);

    expect(await call({ action: 'step', run })).toEqual({ next: 'receipt', resealed: 1, changed: 0, failed: 0 });
    const receipt = await call({ action: 'receipt', run });

    expect(receipt).toEqual({ next: 'succeed', resealed: 1, changed: 0, failed: 0, sha256: expect.any(String) });
    await unsealOwn(record, createShareKeys(present, []));
    expect((await places()).map((place) => place.split(' ')[0])).toEqual([present.keyId]);
    const common = { function: 'reseal', actor: 'vault:reseal', run, environment: 'local' };
    expect(lines()).toMatchObject([
      { event: 'answered', ...common, resealed: 1, Resealed: 1 },
      { event: 'answered', ...common, unresealed: 0, Unresealed: 0, receipt: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });

  test('refuses to reseal to the material before the rotation that started the run, and then reseals to the new one', async () => {
    const record = await sealedUnder(present);
    const previous = await materialOf(present);
    const detail = { 'key-id': present.keyId, 'previous-key-material-id': previous };
    const callOwn = await freshCall();
    const step = () => callOwn({ action: 'step', run, input: { source: 'aws.kms', detail } });

    // the event came before KMS named the new material
    await expect(step()).rejects.toThrowWithCode('KeyUnreachable');
    await expect(callOwn({ action: 'receipt', run })).rejects.toThrowWithCode('NotFound');
    await rotate(present);

    expect(await step()).toMatchObject({ next: 'receipt', resealed: 1 });
    expect(await places()).toEqual([`${present.keyId} ${await materialOf(present)}`]);
    await unsealOwn(record);
  });

  test.each([
    ['another source', (previous: string) => ({ source: 'mine', detail: { 'previous-key-material-id': previous } })],
    ['no material', () => ({ source: 'aws.kms', detail: { 'key-id': 'k' } })],
    ['a material that is none', () => ({ source: 'aws.kms', detail: { 'previous-key-material-id': '' } })],
    ['an empty object', () => ({})],
    ['a text', () => 'aws.kms'],
    ['null', () => null],
  ])('reseals for an input with %s, as for none', async (_what, inputOf) => {
    await sealedUnder(former);
    const input = inputOf(await materialOf(present));

    const callOwn = await freshCall();

    expect(await callOwn({ action: 'step', run, input })).toMatchObject({ next: 'receipt', resealed: 1 });
  });

  test.each(['', ':$LATEST', ':7', ':signer', ':run2'])('refuses a call through %j', async (qualifier) => {
    await sealedUnder(former);

    await expect(call({ action: 'step', run }, qualifier)).rejects.toThrowWithCode('ActorRequired');
    expect((await places()).map((place) => place.split(' ')[0])).toEqual([former.keyId]);
  });

  test.each([
    [{ action: 'step' }],
    [{ action: 'step', run: 'a b' }],
    [{ action: 'step', run: 'a'.repeat(81) }],
    [{ action: 'step', run: 7 }],
    [{ action: 'unseal', run: 'a' }],
    [{ action: 'step', run: 'a', limit: 1 }],
    [{ action: 'receipt', run: 'a', input: {} }],
    [{ run: 'a' }],
    ['step'],
    [null],
  ])('refuses the event %j', async (event) => {
    await expect(call(event)).rejects.toThrowWithCode('InvalidRequest');
  });

  test('refuses the receipt of a run that never began', async () => {
    await expect(call({ action: 'receipt', run })).rejects.toThrowWithCode('NotFound');
  });

  test('refuses a step of a run that ended', async () => {
    await call({ action: 'step', run });
    await call({ action: 'receipt', run });
    await expect(call({ action: 'step', run })).rejects.toThrowWithCode('Conflict');
  });
});
