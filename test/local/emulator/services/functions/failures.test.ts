import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../../../support/processes';
import { type RunningLambda, actions, startLambda, until } from './support/lambda';

const FIXTURES = join(__dirname, 'fixtures');

let lambda: RunningLambda;
let empty: string;
beforeAll(async () => {
  empty = mkdtempSync(join(tmpdir(), 'share-vault-lambda-'));
  lambda = await startLambda([
    actions(),
    actions({ name: 'hasty', timeoutMs: 250 }),
    actions({ name: 'slow-init', initTimeoutMs: 1 }),
    actions({ name: 'failing-init', bundleDir: join(FIXTURES, 'failing-init') }),
    actions({ name: 'without-handler', bundleDir: join(FIXTURES, 'without-handler') }),
    actions({ name: 'without-bundle', bundleDir: empty }),
    actions({ name: 'without-folder', bundleDir: join(empty, 'absent') }),
  ]);
});
afterAll(async () => {
  await lambda[Symbol.asyncDispose]();
  rmSync(empty, { recursive: true });
});

describe('an invocation that fails', () => {
  test('by an error returns its name, message and trace', async () => {
    const response = await lambda.invoke({ action: 'refuse', message: 'expected this, got that' });

    expect(response).toMatchObject({ status: 200, functionError: 'Unhandled' });
    expect(response.body).toEqual({
      errorType: 'Refused',
      errorMessage: 'expected this, got that',
      trace: expect.arrayContaining([expect.stringContaining('index.mjs')]),
    });
  });

  test('by an error leaves the process warm', async () => {
    const before = await lambda.invoke({ action: 'count' });
    await lambda.invoke({ action: 'refuse', message: 'no' });
    const after = await lambda.invoke({ action: 'count' });

    expect(after.body).toMatchObject({ pid: (before.body as { pid: number }).pid });
  });

  test('by a thrown text returns it', async () => {
    const response = await lambda.invoke({ action: 'throwText', message: 'no error at all' });

    expect(response.functionError).toBe('Unhandled');
    expect(response.body).toEqual({ errorType: 'string', errorMessage: 'no error at all', trace: [] });
  });

  test.each([
    [{ action: 'exit', code: 7 }, 'Runtime.ExitError', 'Runtime exited with error: exit status 7'],
    [{ action: 'exit', code: 0 }, 'Runtime.ExitError', 'Runtime exited without providing a reason'],
    [{ action: 'kill' }, 'Runtime.ExitError', 'Runtime exited with error: signal: killed'],
    [{ action: 'cycle' }, 'Runtime.MarshalError', 'Unable to stringify response body'],
    [{ action: 'large', length: 6_300_000 }, 'Function.ResponseSizeTooLarge', 'maximum allowed payload size'],
    [{ action: 'leak', message: 'not awaited' }, 'Runtime.UnhandledPromiseRejection', 'Refused: not awaited'],
    [{ action: 'crash', message: 'not caught' }, 'Refused', 'not caught'],
  ])('by %j returns %s', async (event, errorType, message) => {
    const response = await lambda.invoke(event);

    expect(response.functionError).toBe('Unhandled');
    expect(response.body).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
  });

  test.each(['hang', 'spin'])('by taking too long (%s) is ended, its process too', async (action) => {
    const { body } = await lambda.invoke({ action: 'count' }, { FunctionName: 'hasty' });
    const { pid } = body as { pid: number };

    const response = await lambda.invoke({ action }, { FunctionName: 'hasty' });

    expect(response.functionError).toBe('Unhandled');
    expect(response.body).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${response.requestId ?? ''} Error: Task timed out after 0.25 seconds`,
    });
    expect(isRunning(pid)).toBe(false);
    expect(lambda.endpoint.processes()).not.toContainEqual(expect.objectContaining({ pid }));
  });

  test.each([
    ['failing-init', 'Misconfigured', 'expected a key, got none'],
    ['without-handler', 'Runtime.HandlerNotFound', 'index.handler is undefined or not exported'],
    ['without-bundle', 'Runtime.ImportModuleError', "Cannot find module 'index'"],
    ['without-folder', 'Runtime.ExitError', 'could not be started'],
    ['slow-init', 'Sandbox.Timedout', 'timed out after 0.00 seconds'],
  ])('since its bundle does not load (%s) returns %s each time', async (name, errorType, message) => {
    const first = await lambda.invoke({}, { FunctionName: name });
    const second = await lambda.invoke({}, { FunctionName: name });

    expect([first.functionError, second.functionError]).toEqual(['Unhandled', 'Unhandled']);
    expect(first.body).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
    expect(second.body).toMatchObject({ errorType });
    expect(lambda.endpoint.processes()).not.toContainEqual(expect.objectContaining({ name }));
  });

  test('is followed by one that works, in a new process', async () => {
    await lambda.invoke({ action: 'exit', code: 1 });

    expect(await lambda.invoke({ action: 'echo', value: 1 })).toMatchObject({
      functionError: undefined,
      body: { value: 1 },
    });
  });
});

test.each([
  ['dies', 'dieLater'],
  ['fails', 'failIdle'],
])('a process that %s between two invocations is not used again', async (_how, action) => {
  const { body } = await lambda.invoke({ action });
  const { pid } = body as { pid: number };
  await until(() => lambda.endpoint.processes().every((process) => process.pid !== pid));

  const response = await lambda.invoke({ action: 'count' });

  expect(response.body).not.toMatchObject({ pid });
});

test('messages of a bundle on the endpoint’s own channel are ignored', async () => {
  expect(await lambda.invoke({ action: 'gossip' })).toMatchObject({ functionError: undefined, body: 'said' });
});
