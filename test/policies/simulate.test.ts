import { describe, expect, test } from '@jest/globals';
import { EVERYTHING, type PolicyDocument } from '../support/iam/document';
import { ACCOUNT, arn } from '../support/iam/physical';
import { ask, type Question } from '../support/iam/simulate';

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Reader`;

function keyPolicy(principal: string, condition?: PolicyDocument['Statement'][number]['Condition']): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: principal },
        Action: 'kms:Decrypt',
        Resource: '*',
        ...(condition && { Condition: condition }),
      },
    ],
  };
}

function decrypt(changes: Partial<Question>): Question {
  return {
    principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Reader/session`,
    action: 'kms:Decrypt',
    resource: arn('kms', 'key/00000000-0000-0000-0000-000000000000'),
    owner: ACCOUNT,
    context: {},
    identityPolicies: [],
    ...changes,
  };
}

describe('a key', () => {
  test('is closed to an administrator where its policy does not hand it to the account', async () => {
    const question = decrypt({ identityPolicies: [EVERYTHING], resourcePolicy: keyPolicy(`${ROLE}Other`) });

    expect(await ask(question)).toBe('deny');
  });

  test('is open to identity policies where its policy hands it to the account', async () => {
    expect(await ask(decrypt({ identityPolicies: [EVERYTHING], resourcePolicy: keyPolicy(ROOT) }))).toBe('allow');
    expect(await ask(decrypt({ resourcePolicy: keyPolicy(ROOT) }))).toBe('deny');
  });

  test('is open to a role that its policy names, without a policy of its own', async () => {
    expect(await ask(decrypt({ resourcePolicy: keyPolicy(ROLE) }))).toBe('allow');
  });
});

describe('the encryption context', () => {
  const resourcePolicy = keyPolicy(ROLE, { StringEquals: { 'kms:EncryptionContext:environment': 'prod' } });

  test.each([
    ['prod', 'allow'],
    ['dev', 'deny'],
  ] as const)('%s is heard: %s', async (environment, verdict) => {
    const question = decrypt({ resourcePolicy, context: { 'kms:EncryptionContext:environment': environment } });

    expect(await ask(question)).toBe(verdict);
  });

  test('that the simulator would drop is an error, not a deny', async () => {
    const question = decrypt({ resourcePolicy, context: { 'kms:EncryptionContext:environment': 'prod' } });

    await expect(ask(question, (key) => key)).rejects.toThrow('without kms:EncryptionContext:environment');
  });

  test('in a key that no action knows is an error, not a deny', async () => {
    await expect(ask(decrypt({ resourcePolicy, context: { 'kms:NoSuchKey': 'x' } }))).rejects.toThrow('kms:NoSuchKey');
  });
});

describe('a question', () => {
  test.each([
    ['an action that does not exist', { action: 'kms:Decipher' }],
    ['a resource of another kind', { resource: arn('lambda', 'function:other') }],
    [
      'a policy that is none',
      { identityPolicies: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow' as const, Resource: '*' }] }] },
    ],
  ])('with %s is an error, not a deny', async (_, changes) => {
    await expect(ask(decrypt(changes))).rejects.toThrow('expected one result');
  });
});
