import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type RunningLambda, actions, startLambda } from './support/lambda';

let lambda: RunningLambda;
beforeAll(async () => {
  lambda = await startLambda([actions()]);
});
afterAll(async () => lambda[Symbol.asyncDispose]());

const PAYLOAD_LIMIT = 6_291_556;
const ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:seal';

describe('is refused before any process starts:', () => {
  afterEach(() => {
    expect(lambda.endpoint.processes()).toEqual([]);
  });

  test.each([
    ['an unknown function', { FunctionName: 'open' }, 404, 'ResourceNotFoundException'],
    ['an unknown alias', { Qualifier: 'stranger' }, 404, 'ResourceNotFoundException'],
    ['an alias by another case', { Qualifier: 'Signer' }, 404, 'ResourceNotFoundException'],
    ['an unknown version', { Qualifier: '2' }, 404, 'ResourceNotFoundException'],
    [
      'an unknown alias, on a dry run',
      { Qualifier: 'stranger', InvocationType: 'DryRun' },
      404,
      'ResourceNotFoundException',
    ],
    [
      'a function of another region',
      { FunctionName: ARN.replace('eu-central-1', 'eu-west-1') },
      404,
      'ResourceNotFoundException',
    ],
    [
      'two qualifiers that differ',
      { FunctionName: 'seal:signer', Qualifier: '1' },
      400,
      'InvalidParameterValueException',
    ],
    ['an asynchronous invocation', { InvocationType: 'Event' }, 400, 'InvalidParameterValueException'],
    ['a payload that is no JSON', { Payload: '{"a":' }, 400, 'InvalidRequestContentException'],
    ['a payload that is no UTF-8', { Payload: Buffer.from('22ff22', 'hex') }, 400, 'InvalidRequestContentException'],
    ['a payload over 6 MB', { Payload: `"${'x'.repeat(PAYLOAD_LIMIT)}"` }, 413, 'RequestTooLargeException'],
  ] as const)('%s', async (_case, input, httpStatusCode, name) => {
    const refusal = lambda.invoke({}, input);

    await expect(refusal).rejects.toMatchObject({ name, $metadata: { httpStatusCode }, message: expect.stringMatching(/.../) }); // prettier-ignore
  });

  test('a name that is not URL-encoded', async () => {
    const response = await fetch(`${lambda.url}/2015-03-31/functions/%E0%A4%A/invocations`, { method: 'POST' });

    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe('InvalidParameterValueException');
  });
});

test('a refusal never quotes the payload', async () => {
  await expect(lambda.invoke({}, { Payload: '{"share":"s3cret"' })).rejects.toMatchObject({
    message: 'Could not parse request body into json',
  });
});

test('the largest payload is accepted', async () => {
  const largest = `"${'x'.repeat(PAYLOAD_LIMIT - 2)}"`;

  const response = await lambda.invoke({}, { Payload: largest });

  expect(response.functionError).toBeUndefined();
  expect(JSON.stringify(response.body)).toHaveLength(PAYLOAD_LIMIT);
});
