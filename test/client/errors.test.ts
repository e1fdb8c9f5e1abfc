import { afterEach, describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ShareVaultError } from '../../client/index';
import { ERROR_CODES, RETRYABLE_CODES } from '../../lambda/contract/codes';
import { shapesOf } from '../support/scan';
import { Fault } from './support/fault';
import { FakeVault, type Trouble } from './support/fake-vault';
import { sealInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

const WALLET = { walletId: 'wallet', chain: 'EVM' };

/** Returns the error of a call if every attempt meets this fault. */
async function failing(trouble: Trouble): Promise<ShareVaultError> {
  vault.troubles.push(trouble, trouble, trouble, trouble);
  const error: unknown = await client.records(WALLET).catch((caught: unknown) => caught);
  if (error instanceof ShareVaultError) return error;
  throw new TypeError(`expected a ShareVaultError, got ${inspect(error)}`);
}

const final = ERROR_CODES.filter((code) => !RETRYABLE_CODES.has(code));

describe('an error of the vault', () => {
  test.each(final)('is thrown with its code and tried once: %s', async (code) => {
    const error = await failing({ fault: new Fault(code, 'expected this, got that') });

    expect(error).toMatchObject({
      name: 'ShareVaultError',
      code,
      message: 'expected this, got that',
      retryable: false,
    });
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(vault.calls).toHaveLength(1);
  });

  test.each([...RETRYABLE_CODES])('is thrown with its code after all attempts: %s', async (code) => {
    const error = await failing({ fault: new Fault(code, 'try again') });

    expect(error).toMatchObject({ code, retryable: true });
    expect(vault.calls).toHaveLength(4);
    expect(new Set(vault.calls.map(({ payload }) => payload)).size).toBe(1);
  });

  test('that this client does not know has a code of its own, and its message has the other', async () => {
    const error = await failing({ fault: new Fault('Newer', 'of a newer vault') });

    expect(error).toMatchObject({ code: 'UnknownError', retryable: false });
    expect(error.message).toBe('expected a known error, got Newer: of a newer vault');
  });

  test.each([
    ['that ran out of time', 'Sandbox.Timedout'],
    ['that ran out of memory', 'Runtime.OutOfMemory'],
    ['that can not say what it was', undefined],
  ])('%s may have acted, so the same is sent again', async (_what, errorType) => {
    const error = await failing({ fault: new Fault(errorType, 'RequestId: 7 Error: ended') });

    expect(error).toMatchObject({ code: 'FunctionFailed', retryable: true });
    expect(vault.calls).toHaveLength(4);
  });

  test('stays on one line and within 1,000 characters', async () => {
    const error = await failing({ fault: new Fault('NotFound', `one\nother\u202e${'x'.repeat(5_000)}`) });

    expect(error.message).toMatch(/^one other x+$/);
    expect(error.message).toHaveLength(1_000);
  });
});

const replyOf = (status: number, errorType: string): Trouble => ({
  reply: { status, errorType, body: '{"Message":"said by the service"}' },
});

describe('an error of Lambda', () => {
  test.each([
    [403, 'AccessDeniedException', 'expected to be allowed to invoke function vault-audit as actor signer, got Access'],
    [404, 'ResourceNotFoundException', 'expected function vault-audit as actor signer to exist, got ResourceNotFound'],
    [413, 'RequestTooLargeException', 'expected to invoke function vault-audit as actor signer, got RequestTooLarge'],
    [403, 'ExpiredTokenException', 'expected to invoke function vault-audit as actor signer, got ExpiredToken'],
    [502, 'KMSDisabledException', 'expected to invoke function vault-audit as actor signer, got KMSDisabled'],
    [502, 'InvalidRuntimeException', 'expected to invoke function vault-audit as actor signer, got InvalidRuntime'],
  ])('that time does not mend is final and names function and actor: %d %s', async (status, type, message) => {
    const error = await failing(replyOf(status, type));

    expect(error).toMatchObject({ code: 'InvokeRefused', retryable: false });
    expect(error.message).toContain(message);
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(vault.calls).toHaveLength(1);
  });

  test.each([
    [429, 'TooManyRequestsException', 'InvokeThrottled'],
    [500, 'ServiceException', 'TransportFailed'],
    [502, 'EC2ThrottledException', 'TransportFailed'],
    [503, 'ServiceUnavailable', 'TransportFailed'],
  ])('that time may mend is tried again: %d %s', async (status, type, code) => {
    const error = await failing(replyOf(status, type));

    expect(error).toMatchObject({ code, retryable: true });
    expect(error.message).toContain('expected a response of function vault-audit as actor signer, got');
    expect(vault.calls).toHaveLength(4);
  });

  test('or of something in front of it that does not speak JSON is tried again', async () => {
    const error = await failing({ reply: { status: 503, body: '<html>busy</html>' } });

    expect(error).toMatchObject({ code: 'TransportFailed', retryable: true });
    expect(vault.calls).toHaveLength(4);
  });

  test('or of something in front of it that forbids the call, without JSON, is final', async () => {
    const error = await failing({ reply: { status: 403, body: '<html>forbidden</html>' } });

    expect(error).toMatchObject({ code: 'InvokeRefused', retryable: false });
    expect(vault.calls).toHaveLength(1);
  });
});

describe('a clock that is off', () => {
  afterEach(() => {
    vault.aheadMs = 0;
  });

  test.each([
    ['20 minutes behind', 20],
    ['20 minutes ahead', -20],
  ])('by %s is corrected by the time of the first response, and the call is sent again', async (_how, minutes) => {
    vault.aheadMs = minutes * 60_000;

    await vault.client().records(WALLET);

    expect(vault.calls).toHaveLength(2);
  });

  test('is corrected once for all calls of a client', async () => {
    vault.aheadMs = 20 * 60_000;
    const own = vault.client();
    await own.records(WALLET);
    vault.calls.length = 0;

    await own.records(WALLET);
    await own.seal(sealInput());

    expect(vault.calls).toHaveLength(2);
  });

  test('and that no response corrects ends the call as refused', async () => {
    const body = JSON.stringify({ message: 'Signature expired: 20261129T072927Z is more than 5 min. ago' });
    const error = await failing({ reply: { status: 403, errorType: 'InvalidSignatureException', body } });

    expect(error).toMatchObject({ code: 'InvokeRefused', retryable: true });
    expect(error.message).toContain("expected a clock that agrees with Lambda's, got InvalidSignatureException");
    expect(vault.calls).toHaveLength(4);
  });

  test('is no reason to send a call again whose signature does not fit', async () => {
    const body = '{"message":"The request signature we calculated does not match the signature you provided."}';
    const error = await failing({ reply: { status: 403, errorType: 'InvalidSignatureException', body } });

    expect(error).toMatchObject({ code: 'InvokeRefused', retryable: false });
    expect(vault.calls).toHaveLength(1);
  });
});

describe('a call', () => {
  test.each<[string, Trouble]>([
    ['because the connection broke before', { drop: 'before' }],
    ['because the connection broke afterwards', { drop: 'after' }],
  ])('without a response %s is tried again and then fails', async (_why, trouble) => {
    expect(await failing(trouble)).toMatchObject({ code: 'TransportFailed', retryable: true });
    expect(vault.calls).toHaveLength(4);
  });

  test('without a response in the time of one attempt is tried again', async () => {
    vault.troubles.push({ hang: true });

    // the second attempt has the same limit, and needs it on a slow machine
    await vault.client({ attemptTimeoutMs: 2_000 }).records(WALLET);

    expect(vault.calls).toHaveLength(2);
  });

  test('to a server that does not run fails', async () => {
    const gone = await FakeVault.start();
    const left = gone.client();
    await gone.stop();

    await expect(left.records(WALLET)).rejects.toThrowWithCode('TransportFailed');
  });

  test('without credentials fails at once', async () => {
    const none = Object.assign(new Error('none found'), { name: 'CredentialsProviderError' });
    const lambda = { send: () => Promise.reject(none) };

    const failed = vault.client({ lambda }).records(WALLET);

    await expect(failed).rejects.toMatchObject({ code: 'InvokeRefused', retryable: false, cause: none });
    await expect(failed).rejects.toThrow('expected credentials to invoke function vault-audit as actor signer');
  });

  test('without a region fails at once', async () => {
    // the end of the SDK's search for a region
    const region = () => Promise.reject(new Error('Region is missing'));
    const lambda = new LambdaClient({ region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });

    const failed = vault.client({ lambda }).records(WALLET);

    await expect(failed).rejects.toMatchObject({ code: 'InvokeRefused', retryable: false });
    await expect(failed).rejects.toThrow('expected a region to invoke function vault-audit as actor signer in');
  });

  test('fails if the client of the SDK throws an error without a name', async () => {
    const lambda = { send: () => Promise.reject(Object.assign(new Error(), { name: undefined })) };

    await expect(vault.client({ lambda }).records(WALLET)).rejects.toThrowWithCode('TransportFailed');
  });
});

describe('an aborted signal', () => {
  test('ends a call before it is sent', async () => {
    const reason = new Error('no longer needed');
    const sent: unknown[] = [];
    const lambda = { send: (command: unknown) => Promise.reject(new Error(String(sent.push(command)))) };

    const ended = vault.client({ lambda }).records(WALLET, { signal: AbortSignal.abort(reason) });

    await expect(ended).rejects.toBe(reason);
    expect(sent).toHaveLength(0);
  });

  test.each([1, 4])('ends an attempt of %d, with its reason', async (attempts) => {
    vault.troubles.push({ hang: true });
    const reason = new Error('no longer needed');

    const ended = vault.client({ attempts }).records(WALLET, { signal: abortedOnceSeen(reason) });

    await expect(ended).rejects.toBe(reason);
    expect(vault.calls).toHaveLength(1);
  });

  test('ends the pause before the next attempt, with its reason', async () => {
    vault.troubles.push({ fault: new Fault('KeyThrottled', 'try again') });
    const reason = new Error('no longer needed');
    const slow = vault.client({ backoffMs: 5_000 });

    await expect(slow.records(WALLET, { signal: abortedOnceSeen(reason) })).rejects.toBe(reason);
    expect(vault.calls).toHaveLength(1);
  });

  /** Waits briefly after the vault receives a call, as time for its response, if any. */
  function abortedOnceSeen(reason: Error): AbortSignal {
    const controller = new AbortController();
    const watch = setInterval(() => {
      if (vault.calls.length === 0) return;
      clearInterval(watch);
      setTimeout(() => controller.abort(reason), 250);
    }, 5);
    return controller.signal;
  }
});

test('no error shows a material, however it is printed', async () => {
  const input = sealInput();
  const { delegatedShare, walletApiKey } = input.materials;
  vault.troubles.push({ fault: new Fault('Conflict', 'stands in the way') });
  const refused: unknown = await client.seal(input).catch((error: unknown) => error);
  vault.troubles.push({ drop: 'before' });
  const lost: unknown = await vault
    .client({ attempts: 1 })
    .seal(input)
    .catch((error: unknown) => error);

  const shown = Buffer.from(inspect([refused, lost], { depth: 20, showHidden: true }));

  expect(shown.includes('Conflict')).toBe(true);
  expect([delegatedShare, walletApiKey].flatMap(shapesOf).filter((shape) => shown.includes(shape))).toEqual([]);
});
