import { describe, expect, test } from '@jest/globals';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../../../support/processes';
import { type RunningLambda, actions, clientOf, invoke, startLambda, until } from './support/lambda';

/** Returns the id of the only process. */
function onlyPid({ endpoint }: RunningLambda): number {
  const pids = endpoint.processes().map(({ pid }) => pid);
  expect(pids).toHaveLength(1);
  return Number(pids[0]);
}

/** Returns the path of a file that invocations can wait for; `open` creates it. */
function gate(): { readonly file: string; open(): void } & Disposable {
  const dir = mkdtempSync(join(tmpdir(), 'share-vault-gate-'));
  const file = join(dir, 'open');
  return { file, open: () => writeFileSync(file, ''), [Symbol.dispose]: () => rmSync(dir, { recursive: true }) };
}

describe('a function’s processes', () => {
  test('are used again, one invocation after another', async () => {
    await using lambda = await startLambda([actions()]);

    const first = await lambda.invoke({ action: 'count' });
    const second = await lambda.invoke({ action: 'count' });

    const pid = onlyPid(lambda);
    expect(first.body).toEqual({ pid, invocations: 1 });
    expect(second.body).toEqual({ pid, invocations: 2 });
    expect(lambda.endpoint.processes()).toEqual([{ name: 'seal', pid, version: '$LATEST', busy: false }]);
  });

  test('are none before the first invocation', async () => {
    await using lambda = await startLambda([actions()]);

    expect(lambda.endpoint.processes()).toEqual([]);
  });

  test('serve one version each', async () => {
    await using lambda = await startLambda([actions()]);

    await lambda.invoke({}, { Qualifier: 'signer' });
    await lambda.invoke({});

    expect(lambda.endpoint.processes().map(({ version }) => version)).toEqual(['1', '$LATEST']);
  });

  test('take one invocation at a time, and are no more than the limit', async () => {
    await using lambda = await startLambda([actions({ maxConcurrency: 2 })]);
    using door = gate();
    const waiting = [1, 2].map(() => lambda.invoke({ action: 'wait', file: door.file }));
    await until(() => lambda.endpoint.processes().length === 2);

    const third = lambda.invoke({ action: 'count' });
    await expect(third).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
    door.open();
    const responses = await Promise.all(waiting);

    const pids = responses.map(({ body }) => (body as { pid: number }).pid);
    expect(new Set(pids).size).toBe(2);
    expect((await lambda.invoke({ action: 'count' })).functionError).toBeUndefined();
  });

  test('are new after a restart', async () => {
    await using lambda = await startLambda([actions()]);
    await lambda.invoke({ action: 'count' });
    const pid = onlyPid(lambda);

    await lambda.endpoint.restart('seal');

    expect(isRunning(pid)).toBe(false);
    expect((await lambda.invoke({ action: 'count' })).body).toMatchObject({ invocations: 1 });
  });

  test('finish their invocation when a restart meets one, and serve no other', async () => {
    await using lambda = await startLambda([actions()]);
    using door = gate();
    const waiting = lambda.invoke({ action: 'wait', file: door.file });
    await until(() => lambda.endpoint.processes().length === 1);
    const pid = onlyPid(lambda);

    await lambda.endpoint.restart('seal');
    const other = await lambda.invoke({ action: 'count' });
    door.open();

    expect(other.body).not.toMatchObject({ pid });
    expect(await waiting).toMatchObject({ functionError: undefined, body: { pid } });
    await until(() => !isRunning(pid));
  });

  test('are replaced when the function’s environment changes', async () => {
    await using lambda = await startLambda([actions({ env: { MODE: 'old' } })]);
    const before = await lambda.invoke({ action: 'environment' });

    await lambda.endpoint.updateFunction('seal', { env: { MODE: 'new' } });

    expect(before.body).toMatchObject({ MODE: 'old' });
    expect((await lambda.invoke({ action: 'environment' })).body).toMatchObject({ MODE: 'new' });
    expect((await lambda.invoke({ action: 'context' }, { Qualifier: 'signer' })).functionError).toBeUndefined();
  });

  test('have the credentials that the function was given', async () => {
    const given = { accessKeyId: 'ASIAANOTHERROLE00000', secretAccessKey: 'made up', sessionToken: 'too' };
    await using lambda = await startLambda([actions({ credentials: () => given })]);

    expect((await lambda.invoke({ action: 'environment' })).body).toMatchObject({
      AWS_ACCESS_KEY_ID: 'ASIAANOTHERROLE00000',
      AWS_SECRET_ACCESS_KEY: 'made up',
      AWS_SESSION_TOKEN: 'too',
    });
  });

  test('serve nothing once the function has other credentials: idle ones end, busy ones after theirs', async () => {
    const of = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: 'made up', sessionToken: 'too' });
    let credentials = of('ASIAOFTHEFIRSTHALF00');
    await using lambda = await startLambda([actions({ credentials: () => credentials })]);
    using door = gate();
    await lambda.invoke({ action: 'count' }, { Qualifier: 'signer' });
    const idle = onlyPid(lambda);
    const waiting = lambda.invoke({ action: 'wait', file: door.file });
    await until(() => lambda.endpoint.processes().length === 2);

    credentials = of('ASIAOFTHESECONDHALF0');
    const { body } = await lambda.invoke({ action: 'environment' });
    const left = onlyPid(lambda);
    door.open();
    const { body: waited } = await waiting;

    expect(body).toMatchObject({ AWS_ACCESS_KEY_ID: 'ASIAOFTHESECONDHALF0' });
    expect(isRunning(idle)).toBe(false);
    expect(waited).not.toMatchObject({ pid: left });
    await until(() => !isRunning((waited as { pid: number }).pid));
    expect(onlyPid(lambda)).toBe(left);
  });

  test('of one function never serve another', async () => {
    await using lambda = await startLambda([actions(), actions({ name: 'unseal' })]);

    const seal = await lambda.invoke({ action: 'context' });
    const unseal = await lambda.invoke({ action: 'context' }, { FunctionName: 'unseal' });

    expect(seal.body).toMatchObject({ functionName: 'seal' });
    expect(unseal.body).toMatchObject({ functionName: 'unseal' });
    expect(lambda.endpoint.processes().map(({ name }) => name)).toEqual(['seal', 'unseal']);
  });
});

describe('the end', () => {
  test('leaves no process, busy or not, and responds to waiting callers', async () => {
    const lambda = await startLambda([actions()]);
    await lambda.invoke({}, { Qualifier: 'signer' });
    const waiting = lambda.invoke({ action: 'hang' });
    await until(() => lambda.endpoint.processes().length === 2);
    const pids = lambda.endpoint.processes().map(({ pid }) => pid);

    await lambda.endpoint.close();

    expect(pids.filter(isRunning)).toEqual([]);
    expect(await waiting).toMatchObject({ functionError: 'Unhandled', body: { errorType: 'Runtime.ExitError' } });
    await expect(lambda.invoke({})).rejects.toMatchObject({ name: 'ServiceException' });
    await lambda[Symbol.asyncDispose]();
  });

  test('of the host, however sudden, is the end of its processes', async () => {
    const host = fork(join(__dirname, 'fixtures', 'host.ts'), { execArgv: ['--import', 'tsx'] });
    const [url] = (await once(host, 'message')) as [string];
    const client = clientOf(url);
    const { body } = await invoke(client, { action: 'count' });
    client.destroy();
    const { pid } = body as { pid: number };
    const wasRunning = isRunning(pid);

    host.kill('SIGKILL');
    await once(host, 'exit');

    await until(() => !isRunning(pid));
    expect(wasRunning).toBe(true);
  });
});

describe('a function that could not be in Lambda', () => {
  test.each(['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_LAMBDA_FUNCTION_NAME', '_HANDLER'])(
    'for it sets %s is refused',
    async (name) => {
      await expect(startLambda([actions({ env: { [name]: 'mine' } })])).rejects.toThrow(name);
    },
  );

  test('after a change is refused, and the old one stays', async () => {
    await using lambda = await startLambda([actions({ env: { MODE: 'old' } })]);

    await expect(lambda.endpoint.updateFunction('seal', { env: { AWS_REGION: 'mine' } })).rejects.toThrow('AWS_REGION');

    expect((await lambda.invoke({ action: 'environment' })).body).toMatchObject({ MODE: 'old' });
  });

  test('since it is not there can’t be restarted', async () => {
    await using lambda = await startLambda([]);

    await expect(lambda.endpoint.restart('seal')).rejects.toThrowWithCode('ResourceNotFoundException');
  });
});
