import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CREDENTIALS, REGION, type RunningLambda, actions, startLambda } from './support/lambda';

let lambda: RunningLambda;
let client: LambdaClient;
beforeAll(async () => {
  lambda = await startLambda([actions({ env: { NAME: 'value' }, extraConfiguration: { KMSKeyArn: 'arn:key' } })]);
  client = new LambdaClient({ endpoint: lambda.url, region: REGION, credentials: CREDENTIALS });
});
afterAll(async () => {
  client.destroy();
  await lambda[Symbol.asyncDispose]();
});

describe('GetFunctionConfiguration of the local Lambda endpoint', () => {
  test('returns the function as it runs, and its properties of the template', async () => {
    const response = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'seal', Qualifier: 'signer' }),
    );

    expect(response).toMatchObject({
      FunctionName: 'seal',
      Version: '1',
      State: 'Active',
      KMSKeyArn: 'arn:key',
      Environment: { Variables: { NAME: 'value' } },
    });
  });

  test('refuses a function that does not exist', async () => {
    const call = client.send(new GetFunctionConfigurationCommand({ FunctionName: 'open' }));

    await expect(call).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
