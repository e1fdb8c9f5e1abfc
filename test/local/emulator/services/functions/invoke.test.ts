import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CREDENTIALS, ACCOUNT, ACTIONS, REGION, type RunningLambda, actions, startLambda } from './support/lambda';

const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:seal`;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let lambda: RunningLambda;
beforeAll(async () => {
  lambda = await startLambda([actions({ memoryMb: 512, env: { GREETING: 'hello' } })]);
});
afterAll(async () => lambda[Symbol.asyncDispose]());

describe('an invocation', () => {
  test('returns the result of the handler', async () => {
    const response = await lambda.invoke({ action: 'echo', value: ['ü', { n: 1 }] });

    expect(response).toMatchObject({ status: 200, functionError: undefined, body: { value: ['ü', { n: 1 }] } });
  });

  test('without a payload passes an empty object', async () => {
    expect((await lambda.invoke(undefined)).body).toEqual({});
  });

  test('of a handler that returns nothing returns null', async () => {
    expect((await lambda.invoke({ action: 'nothing' })).body).toBeNull();
  });

  test('accepts and returns several megabytes', async () => {
    const value = 'x'.repeat(5_000_000);

    expect((await lambda.invoke({ action: 'echo', value })).body).toEqual({ value });
  });

  test.each([
    ['no qualifier', { FunctionName: 'seal' }, ARN, '$LATEST'],
    ['an alias beside the name', { FunctionName: 'seal', Qualifier: 'signer' }, `${ARN}:signer`, '1'],
    ['an alias in the name', { FunctionName: 'seal:signer' }, `${ARN}:signer`, '1'],
    ['an ARN', { FunctionName: ARN }, ARN, '$LATEST'],
    ['an ARN with an alias', { FunctionName: `${ARN}:signer` }, `${ARN}:signer`, '1'],
    ['a version', { FunctionName: 'seal', Qualifier: '1' }, `${ARN}:1`, '1'],
    ['$LATEST', { FunctionName: 'seal', Qualifier: '$LATEST' }, `${ARN}:$LATEST`, '$LATEST'],
  ])('by %s passes the name of the call to the handler', async (_how, input, invokedFunctionArn, version) => {
    const response = await lambda.invoke({ action: 'context' }, input);

    expect(response.version).toBe(version);
    expect(response.body).toMatchObject({ invokedFunctionArn, functionVersion: version });
  });

  test('passes the alias of its own caller to each call, in one warm process', async () => {
    const first = await lambda.invoke({ action: 'context' }, { Qualifier: 'signer' });
    const second = await lambda.invoke({ action: 'context' }, { Qualifier: '1' });

    expect(first.body).toMatchObject({ invokedFunctionArn: `${ARN}:signer` });
    expect(second.body).toMatchObject({ invokedFunctionArn: `${ARN}:1` });
  });

  test('passes the context of Lambda to the handler', async () => {
    const response = await lambda.invoke({ action: 'context' }, { Qualifier: 'signer' });

    expect(response.requestId).toMatch(UUID);
    expect(response.body).toEqual({
      awsRequestId: response.requestId,
      callbackWaitsForEmptyEventLoop: true,
      functionName: 'seal',
      functionVersion: '1',
      invokedFunctionArn: `${ARN}:signer`,
      memoryLimitInMB: '512',
      logGroupName: '/aws/lambda/seal',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[1\][0-9a-f]{32}$/),
      remaining: expect.any(Number),
    });
  });

  test('has the function’s time, and no more, left', async () => {
    const { body } = await lambda.invoke({ action: 'context' });

    const { remaining } = body as { remaining: number };
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(60_000);
  });

  test('runs with the function’s environment and Lambda’s, nothing of the host’s', async () => {
    process.env.HOST_SECRET = 'of the host';

    const { body } = await lambda.invoke({ action: 'environment' }, { Qualifier: 'signer' });

    expect(body).toEqual({
      GREETING: 'hello',
      PATH: process.env.PATH,
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
      HOME: '/nonexistent',
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: ACTIONS,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
      AWS_LAMBDA_FUNCTION_NAME: 'seal',
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/seal',
      AWS_LAMBDA_LOG_STREAM_NAME: expect.any(String),
    });
  });

  test('runs in a Node without any options, in the bundle’s folder', async () => {
    expect((await lambda.invoke({ action: 'arguments' })).body).toEqual({ execArgv: [], cwd: ACTIONS });
  });

  test('that is a dry run runs nothing', async () => {
    await using other = await startLambda([actions()]);

    const response = await other.invoke({ action: 'echo' }, { InvocationType: 'DryRun' });

    expect(response).toMatchObject({ status: 204, body: undefined });
    expect(other.endpoint.processes()).toEqual([]);
  });
});

describe('a request that is no Invoke', () => {
  test.each([
    ['of another path', '/2015-03-31/functions/seal', 'POST'],
    ['of another method', '/2015-03-31/functions/seal/invocations', 'GET'],
    ['of another service', '/', 'POST'],
    ['of no path at all', '//', 'POST'],
  ])('%s is left to others', async (_case, path, method) => {
    const response = await fetch(lambda.url + path, { method });

    expect(response.status).toBe(421);
  });
});
