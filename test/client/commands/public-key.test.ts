import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { hasOpenssl, openssl } from '../../lambda/transport/support/openssl';
import { Account, run } from './support/account';

const ACCOUNT = new Account();
const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:existing-a1b2c3';
const BLOCK = /-----BEGIN PUBLIC KEY-----\n[^-]+-----END PUBLIC KEY-----\n/g;
let second: string;
let tenth: string;
let intake: string;

beforeAll(async () => {
  await ACCOUNT.start();
  second = await ACCOUNT.createKey('webhook/webhook-2', 'RSA_4096');
  tenth = await ACCOUNT.createKey('webhook/webhook-10', 'RSA_3072');
  intake = await ACCOUNT.createKey('intake/intake-1');
  ACCOUNT.parameters.publish('/share-vault/prod/keys/webhook/existing', SECRET_ARN);
  ACCOUNT.parameters.publish('/share-vault/dev/keys/webhook/existing', SECRET_ARN);
  const symmetric = await ACCOUNT.createKey('share', 'SYMMETRIC_DEFAULT');
  ACCOUNT.parameters.publish('/share-vault/other/keys/webhook/share', symmetric);
});
afterAll(() => ACCOUNT.stop());
afterEach(() => ACCOUNT.parameters.faults.clear());

const PROD = ['public-key', '--environment', 'prod'];
const digest = (pem: string): string =>
  createHash('sha256')
    .update(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
    .digest('hex');

describe('public-key', () => {
  test('prints only the key that is named, ready to be piped', async () => {
    const { code, stdout, stderr } = await run([...PROD, '--kid', 'webhook-2']);

    expect(code).toBe(0);
    expect(stdout.replace(BLOCK, '')).toBe('');
    expect(stderr).toBe(`webhook-2: RSA 4096, SHA-256 ${digest(stdout)}\n  ${second}\n`);
  });

  test('prints a key whose private half is the vault’s', async () => {
    const contentKey = randomBytes(32);
    const { stdout } = await run([...PROD, '--kid', 'webhook-2']);

    const wrapped = publicEncrypt({ key: stdout, oaepHash: 'sha256' }, contentKey);

    expect(await ACCOUNT.unwrap(second, wrapped)).toEqual(contentKey);
  });

  test('prints all keys in the order of their names, and names the secret of the one that it can not print', async () => {
    const { code, stdout, stderr } = await run(PROD);

    const keys = stdout.match(BLOCK) ?? [];
    expect(code).toBe(0);
    expect(stderr.split('\n')).toEqual([
      `existing: its private half is in ${SECRET_ARN}; the public one is with whoever made it`,
      `webhook-2: RSA 4096, SHA-256 ${digest(keys[0] ?? '')}`,
      `  ${second}`,
      `webhook-10: RSA 3072, SHA-256 ${digest(keys[1] ?? '')}`,
      `  ${tenth}`,
      '',
    ]);
  });

  test('prints intake keys if it is asked to', async () => {
    const { stdout, stderr } = await run([...PROD, '--intake']);

    expect(stderr).toBe(`intake-1: RSA 2048, SHA-256 ${digest(stdout)}\n  ${intake}\n`);
  });

  test.each([
    ['account', (arn: string) => arn.replace(/:\d{12}:/, ':999999999999:')],
    ['region', (arn: string) => arn.replace(/:kms:[a-z0-9-]+:/, ':kms:ap-south-1:')],
  ])('refuses a parameter that names a key of another %s', async (_what, elsewhere) => {
    ACCOUNT.parameters.publish('/share-vault/moved/keys/webhook/webhook-1', elsewhere(second));

    const { code, stdout, stderr } = await run(['public-key', '--environment', 'moved']);

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`expected an ARN of its own account and region, got ${elsewhere(second)}`);
  });

  test('takes the environment from the variable that consumers have', async () => {
    const { code, stderr } = await run(['public-key', '--intake'], '', { SHARE_VAULT_ENVIRONMENT: 'prod' });

    expect(code).toBe(0);
    expect(stderr).toContain('intake-1');
  });

  test('reads all pages', async () => {
    const kids = Array.from({ length: 12 }, (_, i) => `key-${i + 1}`);
    kids.forEach((kid) => ACCOUNT.parameters.publish(`/share-vault/many/keys/webhook/${kid}`, SECRET_ARN));

    const { stderr } = await run(['public-key', '--environment', 'many']);

    expect(stderr.match(/^key-\d+/gm)).toEqual(kids);
  });

  test('fails if no key could be printed', async () => {
    const { code, stdout, stderr } = await run(['public-key', '--environment', 'dev']);

    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('the public one is with whoever made it');
  });

  test.each([
    [
      3,
      'a key that is not there',
      [...PROD, '--kid', 'webhook-3'],
      '--kid: expected one of existing, webhook-2, webhook-10, got another',
    ],
    [
      3,
      'an environment that is not there',
      ['public-key', '--environment', 'staging'],
      'expected parameters under /share-vault/staging/keys/webhook/, got none: is that environment deployed',
    ],
    [1, 'a key that is no RSA key', ['public-key', '--environment', 'other'], 'kms:GetPublicKey), got Unsupported'],
  ])('fails with %d for %s', async (exit, _what, args, message) => {
    const { code, stdout, stderr } = await run(args);

    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('names the failed step if AWS fails', async () => {
    ACCOUNT.parameters.faults.set({ error: 'throttle' });

    const { code, stderr } = await run(PROD);

    expect(code).toBe(7);
    expect(stderr).toBe('share-vault public-key: expected to read parameters under /share-vault/prod/keys/webhook/ (ssm:GetParametersByPath), got ThrottlingException\n'); // prettier-ignore
  });
});

if (hasOpenssl())
  test('openssl computes the fingerprint that public-key prints', async () => {
    const { stdout, stderr } = await run([...PROD, '--kid', 'webhook-10']);

    const der = openssl(['pkey', '-pubin', '-outform', 'DER'], Buffer.from(stdout));

    expect(stderr).toContain(createHash('sha256').update(der).digest('hex'));
  });
else test.todo('openssl is not asked for the fingerprint: expected version 3 or later on this machine, got none');

test('a command without a region or credentials prints what to do', async () => {
  const { AWS_REGION, AWS_ACCESS_KEY_ID } = process.env;
  process.env.AWS_CONFIG_FILE = process.env.AWS_SHARED_CREDENTIALS_FILE = '/dev/null';
  process.env.AWS_EC2_METADATA_DISABLED = 'true';

  delete process.env.AWS_REGION;
  const nowhere = await run(PROD);
  const elsewhere = await run([...PROD, '--region', 'eu-central-1', '--intake']);
  process.env.AWS_REGION = AWS_REGION;
  delete process.env.AWS_ACCESS_KEY_ID;
  const nobody = await run(PROD);
  process.env.AWS_ACCESS_KEY_ID = AWS_ACCESS_KEY_ID;

  expect(nowhere.stderr).toContain('got no region: say --region REGION, or set AWS_REGION');
  expect(elsewhere.code).toBe(0);
  expect(nobody.stderr).toContain('got CredentialsProviderError: set AWS_PROFILE');
});
