import { describe, expect, test } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createOutsideSecrets,
  missingSecrets,
  requireSecretNames,
} from '../../../../local/emulator/deploy/outside-secrets';
import { LocalSecrets } from '../../../../local/emulator/services/secrets';
import { templateOf } from '../template/support';

const PLACE = { stack: 'Mine', account: '111111111111', region: 'eu-central-1' };
const PREFIX = `arn:aws:secretsmanager:${PLACE.region}:${PLACE.account}:secret:`;

function created(given: Parameters<typeof createOutsideSecrets>[0]): LocalSecrets {
  const secrets = new LocalSecrets({ dataDir: mkdtempSync(join(tmpdir(), 'share-vault-secrets-')), ...PLACE });
  createOutsideSecrets(given, secrets, PLACE);
  return secrets;
}

const read = (secrets: LocalSecrets, SecretId: string) =>
  secrets.handle({ operation: 'GetSecretValue', input: { SecretId }, accessKeyId: 'test' });

describe('a secret from outside', () => {
  test.each([
    ['its complete ARN', `${PREFIX}mine-a1b2c3`, `${PREFIX}mine-a1b2c3`],
    ['its ARN without the suffix', `${PREFIX}mine`, expect.stringMatching(/:secret:mine-[0-9a-f]{6}$/)],
    ['its name', 'mine', expect.stringMatching(/:secret:mine-[0-9a-f]{6}$/)],
    [
      'a name like one with a suffix',
      'team/mine-secret',
      expect.stringMatching(/:secret:team\/mine-secret-[0-9a-f]{6}$/),
    ],
  ])('a secret from outside that is created by %s is found by it', (_how, named, ARN) => {
    expect(read(created({ [named]: 'value' }), named)).toMatchObject({ ARN, SecretString: 'value' });
  });

  test('a secret from outside can be binary', () => {
    const response = read(created({ mine: Uint8Array.of(255, 0) }), 'mine');

    expect(response).toMatchObject({ SecretString: undefined, SecretBinary: '/wA=' });
  });

  test('a secret from outside keeps its version with the same value, and gets another one with another value', () => {
    const secrets = created({ mine: 'value' });
    const versions = ['value', 'other'].map((value) => {
      createOutsideSecrets({ mine: value }, secrets, PLACE);
      return Reflect.get(read(secrets, 'mine'), 'VersionStages') as unknown;
    });

    expect(versions).toEqual([['AWSCURRENT'], ['AWSCURRENT']]);
    expect(read(secrets, 'mine')).toMatchObject({ SecretString: 'other' });
  });

  test.each([
    ['another account', PREFIX.replace('111111111111', '222222222222')],
    ['another region', PREFIX.replace('eu-central-1', 'us-east-1')],
  ])('a secret of %s is refused', (_what, prefix) => {
    expect(() => requireSecretNames({ [`${prefix}mine-a1b2c3`]: 'x' }, PLACE)).toThrow(
      /^expected a secret of account 111111111111 in region eu-central-1, got arn:/,
    );
  });

  test('a secret with another resource’s ARN as its name is refused', () => {
    expect(() => requireSecretNames({ 'arn:aws:kms:eu-central-1:1:key/a': 'x' }, PLACE)).toThrow(
      /^expected the name or the ARN of a secret, got "arn:aws:kms/,
    );
  });
});

/** A function with a variable, and a role that may read secrets. */
function consumer(variable: string, ...readable: readonly string[]): ReturnType<typeof templateOf> {
  const Statement = [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: readable }];
  const Policies = [{ PolicyName: 'Read', PolicyDocument: { Version: '2012-10-17', Statement } }];
  return templateOf({
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] }, Policies } },
    Fn: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: '' },
        Environment: { Variables: { KEYS: variable } },
      },
    },
  });
}

describe('a secret that a function uses and nobody created', () => {
  test.each([
    ['in its variables', consumer(`{"old":"${PREFIX}mine-a1b2c3"}`), `${PREFIX}mine-a1b2c3`],
    ['in its policies', consumer('', `${PREFIX}mine-a1b2c3`), `${PREFIX}mine-a1b2c3`],
    ['in both, by its name', consumer(`${PREFIX}mine-secret`, `${PREFIX}mine-secret-??????`), 'mine-secret'],
  ])('a missing secret that a function names %s is reported with the function', (_where, template, named) => {
    expect(missingSecrets(template, created({}))).toEqual([{ named, functions: ['Fn'] }]);
    expect(missingSecrets(template, created({ [named]: 'x' }))).toEqual([]);
  });

  test('a missing secret of another account or behind a wildcard is not reported', () => {
    const template = consumer(PREFIX.replace('111111111111', '222222222222'), `${PREFIX}*`, '*');

    expect(missingSecrets(template, created({}))).toEqual([]);
  });
});
