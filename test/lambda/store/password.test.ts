import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { databasePassword } from '../../../lambda/store/password';

const login = { dbHost: 'db.example', dbPort: 5433, dbUser: 'vault_sealer' };
const before = { ...process.env };
beforeEach(() => {
  process.env.AWS_REGION = 'eu-central-1';
  process.env.AWS_ACCESS_KEY_ID = 'AKIAIOSFODNN7EXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
});
afterEach(() => {
  process.env = { ...before };
});

describe('a password from the environment', () => {
  test('is read at every connect', async () => {
    const password = databasePassword({ ...login, dbAuth: 'password' });
    process.env.PGPASSWORD = 'first';
    await expect(password()).resolves.toBe('first');
    process.env.PGPASSWORD = 'second';
    await expect(password()).resolves.toBe('second');
  });

  test('is refused if it is missing', async () => {
    delete process.env.PGPASSWORD;
    await expect(databasePassword({ ...login, dbAuth: 'password' })()).rejects.toThrowWithCode('Misconfigured');
  });
});

describe('a token', () => {
  test('is signed for this host, port and user, for 15 minutes', async () => {
    const token = new URL(`https://${await databasePassword({ ...login, dbAuth: 'iam' })()}`);
    expect(token.host).toBe('db.example:5433');
    expect(Object.fromEntries(token.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'vault_sealer',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringMatching(/^AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-central-1\/rds-db\/aws4_request$/),
    });
  });
});
