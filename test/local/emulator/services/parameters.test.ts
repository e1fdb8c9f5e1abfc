import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  GetParameterCommand,
  type GetParametersByPathCommandInput,
  type PutParameterCommandInput,
  PutParameterCommand,
  SSMClient,
  paginateGetParametersByPath,
} from '@aws-sdk/client-ssm';
import { type AwsServer, LocalParameters, startAwsServer } from '../../../../local/emulator/services';

let parameters: LocalParameters;
let server: AwsServer;
let client: SSMClient;
beforeAll(async () => {
  const services = [{ targetPrefix: 'AmazonSSM', internalError: 'InternalServerError', handle: (call: Parameters<LocalParameters['handle']>[0]) => parameters.handle(call) }]; // prettier-ignore
  server = await startAwsServer({ services });
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused' };
  client = new SSMClient({ endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
beforeEach(() => {
  parameters = new LocalParameters();
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const get = (Name: string) => client.send(new GetParameterCommand({ Name }));
const put = (input: Partial<PutParameterCommandInput>) =>
  client.send(new PutParameterCommand({ Name: '/vault/url', Value: 'one', Type: 'String', ...input }));

/** Returns names and values of all pages. */
async function list(input: GetParametersByPathCommandInput): Promise<string[]> {
  const pages = await Array.fromAsync(paginateGetParametersByPath({ client }, input));
  return pages.flatMap((page) => (page.Parameters ?? []).map(({ Name, Value }) => `${Name} ${Value}`));
}

describe('the local Parameter Store', () => {
  test('returns the parameter that was put', async () => {
    await put({});

    expect((await get('/vault/url')).Parameter).toMatchObject({
      Name: '/vault/url',
      Value: 'one',
      Type: 'String',
      Version: 1,
      ARN: 'arn:aws:ssm:us-east-1:111122223333:parameter/vault/url',
    });
  });

  test('overwrites a parameter only if the request allows it, and counts its versions', async () => {
    await put({});

    await expect(put({ Value: 'two' })).rejects.toThrowWithCode('ParameterAlreadyExists');
    await put({ Value: 'two', Type: undefined, Overwrite: true });

    expect((await get('/vault/url')).Parameter).toMatchObject({ Value: 'two', Type: 'String', Version: 2 });
  });

  test('lists a folder by name, one level deep or all of it', async () => {
    for (const name of ['/a/b', '/a/c/d', '/ab/c', '/a/a']) await put({ Name: name, Value: 'v' });

    expect(await list({ Path: '/a' })).toEqual(['/a/a v', '/a/b v']);
    expect(await list({ Path: '/a/', Recursive: true })).toEqual(['/a/a v', '/a/b v', '/a/c/d v']);
  });

  test('lists in pages of at most ten', async () => {
    const names = Array.from({ length: 23 }, (_, i) => `/many/${String(i).padStart(2, '0')}`);
    for (const name of names) await put({ Name: name, Value: 'v' });

    const pages = await Array.fromAsync(paginateGetParametersByPath({ client }, { Path: '/many' }));

    expect(pages.map(({ Parameters = [] }) => Parameters.length)).toEqual([10, 10, 3]);
    expect(await list({ Path: '/many', MaxResults: 4 })).toEqual(names.map((name) => `${name} v`));
  });

  test.each([
    ['a name that is not there', () => get('/vault/none'), 'ParameterNotFound'],
    ['a new parameter without a type', () => put({ Type: undefined }), 'ValidationException'],
    ['a value of more than 4 KB', () => put({ Value: 'x'.repeat(4_097) }), 'ValidationException'],
    ['pages of eleven', () => list({ Path: '/a', MaxResults: 11 }), 'ValidationException'],
    ['a path that does not begin at the root', () => list({ Path: 'a' }), 'ValidationException'],
    ['a token of its own making', () => list({ Path: '/a', NextToken: 'x' }), 'InvalidNextToken'],
  ])('refuses %s', async (_what, act, code) => {
    await expect(act()).rejects.toThrowWithCode(code);
  });
});
