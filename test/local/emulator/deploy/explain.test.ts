import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainTemplate } from '../../../../local/emulator/deploy';
import { consumerTemplate } from './support';

const SEALED = { environment: 'dev', record: 'r', field: 'delegated_share', chain: 'EVM', owner: 'o' };
const GROUP = 'arn:aws:logs:us-east-1:111122223333:log-group:Mine-1';
const template = consumerTemplate();

/** Logical ids end in eight digits that are a hash of the path. */
const ID = {
  shareKey: 'VaultKeysShareKeyD97035D7',
  unseal: 'VaultFunctionsunsealRoleF477841D',
  parameter: 'VaultWebhookUrlC17FDE4C',
};
const ask = (principal: string, action: string, resource: string, context = {}) =>
  explainTemplate({ template }, { principal, action, resource, context });

describe('a decision by a template that does not run', () => {
  test.each([
    ['a function’s role', ID.unseal, 'kms:Decrypt', ID.shareKey, SEALED],
    ['the administrator', 'administrator', 'kms:DescribeKey', ID.shareKey, {}],
    ['the account itself', 'root', 'kms:DescribeKey', ID.shareKey, {}],
    ['the reading of a parameter', 'administrator', 'ssm:GetParameter', ID.parameter, {}],
    ['a role by its name', 'watcher', 'lambda:InvokeFunction', 'VaultFunctionsauditActorauditor2178E2CA', {}],
  ])('allows %s', async (_whom, principal, action, resource, context) => {
    expect(await ask(principal, action, resource, context)).toMatchObject({ outcome: 'allowed' });
  });

  test.each([
    ['without its encryption context', ID.unseal, 'kms:Decrypt', ID.shareKey, {}],
    ['in another environment', ID.unseal, 'kms:Decrypt', ID.shareKey, { ...SEALED, environment: 'prod' }],
    ['from another network', ID.unseal, 'kms:Decrypt', ID.shareKey, { ...SEALED, 'aws:SourceVpc': 'vpc-1' }],
    ['with every permission of the account', 'administrator', 'kms:Decrypt', ID.shareKey, SEALED],
    ['as the account itself', 'root', 'kms:Decrypt', ID.shareKey, SEALED],
    ['as somebody whom nothing lets read a parameter', 'watcher', 'ssm:GetParameter', ID.parameter, {}],
    [
      'as a service',
      'logs.us-east-1.amazonaws.com',
      'kms:Decrypt',
      ID.shareKey,
      { 'kms:EncryptionContext:aws:logs:arn': GROUP },
    ],
  ])('refuses a call %s', async (_how, principal, action, resource, context) => {
    expect(await ask(principal, action, resource, context)).toMatchObject({ allowed: false });
  });

  test('is refused to a service with a condition key that it does not send', async () => {
    const context = { 'aws:SourceAccount': '111122223333' };

    await expect(ask('events.amazonaws.com', 'kms:Decrypt', ID.shareKey, context)).rejects.toThrowWithCode(
      'RequestInvalid',
    );
  });

  test.each(['Nobody', 'arn:aws:iam::111122223333:role/nobody', 'arn:aws:iam::444455556666:group/all'])(
    'is refused for an unknown principal: %s',
    async (principal) => {
      await expect(ask(principal, 'kms:Decrypt', ID.shareKey)).rejects.toThrow(/expected a role of the template/);
    },
  );
});

const ELSEWHERE = 'arn:aws:iam::444455556666';

describe('who may take on a role', () => {
  const trusting = (Principal: object, Condition?: object) => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal, Condition }],
      },
    },
  });
  const Resources = {
    OfService: trusting({ Service: 'ecs-tasks.amazonaws.com' }),
    OfAccount: trusting({ AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } }),
    OfRole: trusting({ AWS: { 'Fn::GetAtt': ['OfService', 'Arn'] } }),
    OfOtherAccount: trusting({ AWS: `${ELSEWHERE}:root` }, { StringEquals: { 'sts:ExternalId': 'mine' } }),
    OfOtherRole: trusting({ AWS: `${ELSEWHERE}:role/ci/deploy` }),
  };
  const mine = join(mkdtempSync(join(tmpdir(), 'share-vault-explain-')), 'Mine.template.json');
  writeFileSync(mine, JSON.stringify({ Resources }));
  const takeOn = (principal: string, resource: string, context = {}) =>
    explainTemplate({ template: mine }, { principal, action: 'sts:AssumeRole', resource, context });

  test.each([
    ['a service that it trusts', 'ecs-tasks.amazonaws.com', 'OfService', {}],
    ['a role that it trusts', 'OfService', 'OfRole', {}],
    ['the account that it trusts', 'root', 'OfAccount', {}],
    ['whom the account that it trusts allows', 'administrator', 'OfAccount', {}],
    ['another account that it trusts', `${ELSEWHERE}:root`, 'OfOtherAccount', { 'sts:ExternalId': 'mine' }],
    ['a role of an account that it trusts', `${ELSEWHERE}:role/ci/x`, 'OfOtherAccount', { 'sts:ExternalId': 'mine' }],
    ['a role of another account that it trusts', `${ELSEWHERE}:role/ci/deploy`, 'OfOtherRole', {}],
  ])('is %s', async (_who, principal, role, context) => {
    expect(await takeOn(principal, role, context)).toMatchObject({ outcome: 'allowed' });
  });

  test.each([
    ['another service', 'lambda.amazonaws.com', 'OfService', {}, 'resource'],
    ['with every permission of the account', 'administrator', 'OfService', {}, 'resource'],
    ['whom the account that it trusts does not allow', 'OfService', 'OfAccount', {}, 'identity'],
    ['another role', 'OfAccount', 'OfRole', {}, 'resource'],
    ['who says no external id', `${ELSEWHERE}:root`, 'OfOtherAccount', {}, 'resource'],
    ['a third account', 'arn:aws:iam::777788889999:root', 'OfOtherAccount', { 'sts:ExternalId': 'mine' }, 'resource'],
    ['another role of that account', `${ELSEWHERE}:role/ci/other`, 'OfOtherRole', {}, 'resource'],
  ])('is no principal %s', async (_who, principal, role, context, kind) => {
    expect(await takeOn(principal, role, context)).toMatchObject({ outcome: 'implicit deny', kind });
  });

  test('is not known of a role that the template does not have', async () => {
    await expect(takeOn('administrator', `${ELSEWHERE}:role/ci/deploy`)).rejects.toThrow(
      /role's trust policy, got none/,
    );
  });
});

describe('a principal of another account', () => {
  test('needs a permission of this account for a key too', async () => {
    expect(await ask(`${ELSEWHERE}:root`, 'kms:Decrypt', ID.shareKey, SEALED)).toMatchObject({
      allowed: false,
      kind: 'resource',
    });
  });
});
