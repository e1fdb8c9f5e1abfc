import { describe, expect, test } from '@jest/globals';
import { defaultProvider, fromNodeProviderChain, readCredentials } from '../../../lambda/invocation/credentials';

const ENVIRONMENT = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };

describe("the function's credentials", () => {
  test("are read from Lambda's environment", () => {
    expect(readCredentials(ENVIRONMENT)).toEqual(CREDENTIALS);
  });

  test('need no session token', () => {
    const { sessionToken, ...without } = CREDENTIALS;

    expect(sessionToken).toBe('token');
    expect(readCredentials({ ...ENVIRONMENT, AWS_SESSION_TOKEN: '' })).toEqual(without);
  });

  test.each([
    [{ ...ENVIRONMENT, AWS_ACCESS_KEY_ID: undefined }, 'AWS_ACCESS_KEY_ID'],
    [{ ...ENVIRONMENT, AWS_SECRET_ACCESS_KEY: '' }, 'AWS_SECRET_ACCESS_KEY'],
    [{}, 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  ])('are refused when missing, each by name: %#', (source, names) => {
    const message = `credentials: expected a value of ${names}, got none`;

    expect(() => readCredentials(source)).toThrowWithCode('Misconfigured');
    expect(() => readCredentials(source)).toThrow(message);
  });

  test.each([defaultProvider, fromNodeProviderChain])('stand in for the provider of the SDK: %#', async (provider) => {
    const before = process.env;
    process.env = { ...before, ...ENVIRONMENT };

    const credentials = await provider()();

    process.env = before;
    expect(credentials).toEqual(CREDENTIALS);
  });

  test('are read at the first call, which rejects if they are missing', async () => {
    const before = process.env;
    process.env = {};

    const provider = defaultProvider();
    const read = provider();

    process.env = before;
    await expect(read).rejects.toThrowWithCode('Misconfigured');
  });
});
