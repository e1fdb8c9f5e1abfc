import { describe, expect, test } from '@jest/globals';
import { ENV } from '../../../lambda/contract/variables';
import { readEnv } from '../../../lambda/invocation/settings';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0f6f5f1e-7b7c-4a3d-9d53-0a4f3f1c2b1a';
const ALIAS = 'arn:aws:kms:eu-central-1:111122223333:alias/share';
const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:share-vault/db-AbCdEf';

describe('readEnv', () => {
  test('reads the requested settings, each in its type', () => {
    const settings = readEnv(['environment', 'shareKeyArn', 'dbPort', 'intakeKeys', 'actors', 'dbAuth'], {
      SHARE_VAULT_ENVIRONMENT: 'prod',
      SHARE_VAULT_SHARE_KEY_ARN: KEY,
      SHARE_VAULT_DB_PORT: '6543',
      SHARE_VAULT_INTAKE_KEYS: JSON.stringify({ k1: KEY }),
      SHARE_VAULT_ACTORS: JSON.stringify({ signer: ['delegated-share'] }),
      SHARE_VAULT_DB_AUTH: 'iam',
    });

    expect(settings).toEqual({
      environment: 'prod',
      shareKeyArn: KEY,
      dbPort: 6543,
      intakeKeys: new Map([['k1', KEY]]),
      actors: new Map([['signer', ['delegated-share']]]),
      dbAuth: 'iam',
    });
  });

  test.each([
    ['dbPort', 'SHARE_VAULT_DB_PORT', 1, 65_535],
    ['webhookBudgetMs', 'SHARE_VAULT_WEBHOOK_BUDGET_MS', 500, 29_000],
    ['backupDays', 'SHARE_VAULT_BACKUP_DAYS', 1, 3_650],
  ] as const)('accepts %s from %s from %i to %i', (key, name, min, max) => {
    const read = (value: number) => readEnv([key], { [name]: String(value) })[key];

    expect([read(min), read(max)]).toEqual([min, max]);
    expect(() => read(min - 1)).toThrowWithCode('Misconfigured');
    expect(() => read(max + 1)).toThrowWithCode('Misconfigured');
  });

  test('names every missing, empty and malformed variable in one error', () => {
    const read = () =>
      readEnv(['environment', 'dbHost', 'dbPort'], { SHARE_VAULT_DB_HOST: '', SHARE_VAULT_DB_PORT: 'five' });

    expect(read).toThrowWithCode('Misconfigured');
    expect(read).toThrow(
      'environment variables: SHARE_VAULT_ENVIRONMENT: expected a value, got none; ' +
        'SHARE_VAULT_DB_HOST: expected a value, got an empty one; ' +
        'SHARE_VAULT_DB_PORT: expected a whole number from 1 to 65535, got something else',
    );
  });

  test('never quotes a value', () => {
    const read = () => readEnv(['dbAuth'], { SHARE_VAULT_DB_AUTH: 'hunter2' });

    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  });

  test.each([
    ['shareKeyArn', ALIAS],
    ['shareKeyArn', 'alias/share'],
    ['shareKeyArn', 'arn:aws:kms:eu-central-1:111122223333:key/a b'],
    ['environment', 'Prod'],
    ['environment', 'p'],
    ['environment', 'a-name-of-17-chars'],
    ['dbPort', '0'],
    ['dbPort', '65536'],
    ['dbPort', '1e3'],
    ['dbHost', 'host/path'],
    ['dbUser', 'vault-sealer'],
    ['dbCaFile', 'ca.pem'],
    ['dbAuth', 'trust'],
    ['dbSecretArn', KEY],
    ['intakeKeys', '{}'],
    ['intakeKeys', '[]'],
    ['intakeKeys', 'null'],
    ['intakeKeys', '{'],
    ['intakeKeys', JSON.stringify({ k1: SECRET })],
    ['intakeKeys', JSON.stringify({ k1: ALIAS })],
    ['intakeKeys', JSON.stringify({ 'k 1': KEY })],
    ['webhookKeys', JSON.stringify({ k1: 'plain' })],
    ['actors', JSON.stringify({ 7: ['delegated-share'] })],
    ['actors', JSON.stringify({ signer: 'delegated-share' })],
    ['actors', JSON.stringify({ signer: ['everything'] })],
    ['actors', JSON.stringify({ $LATEST: ['delegated-share'] })],
    ['backupDays', '-1'],
    ['unsealActors', '{}'],
    ['unsealActors', '[7]'],
    ['unsealActors', '["Signer"]'],
    ['unsealActors', 'signer'],
  ] as const)('refuses %s of %s', (name, value) => {
    expect(() => readEnv([name], { [ENV[name]]: value })).toThrowWithCode('Misconfigured');
  });

  test('requires a password if dbAuth is password, unless the function has a secret of its own', () => {
    const source = { SHARE_VAULT_DB_AUTH: 'password', SHARE_VAULT_DB_SECRET_ARN: SECRET };

    expect(() => readEnv(['dbAuth'], source)).toThrow('environment variables: PGPASSWORD: expected a value, got none');
    expect(readEnv(['dbAuth', 'dbSecretArn'], source)).toEqual({ dbAuth: 'password', dbSecretArn: SECRET });
    expect(readEnv(['dbAuth'], { ...source, PGPASSWORD: 'x' })).toEqual({ dbAuth: 'password' });
  });

  test.each([[[]], [['signer', 'viewer']]])('accepts %j as the actors that may unseal', (unsealActors) => {
    expect(readEnv(['unsealActors'], { SHARE_VAULT_UNSEAL_ACTORS: JSON.stringify(unsealActors) })).toEqual({
      unsealActors,
    });
  });

  test('accepts webhook keys of KMS and of Secrets Manager', () => {
    const { webhookKeys } = readEnv(['webhookKeys'], {
      SHARE_VAULT_WEBHOOK_KEYS: JSON.stringify({ a: KEY, b: SECRET }),
    });

    expect(webhookKeys).toEqual(new Map([['a', KEY], ['b', SECRET]])); // prettier-ignore
  });
});
