import { describe, expect, test } from '@jest/globals';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ShareKey, type ShareKeyProps } from '../../lib/share-key';
import { actionsOf, allowing, type Statement, statementsOf } from '../support/statements';
import { cdkApp, testStack } from '../support/synth';

const DATA_OPERATIONS = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:CreateGrant'];

function keyWith(props: Partial<ShareKeyProps> = {}) {
  const stack = testStack();
  const key = new ShareKey(stack, 'ShareKey', { environment: 'prod', ...props });
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  return { stack, key, role };
}

function keyStatements(stack: ReturnType<typeof testStack>): readonly Statement[] {
  return statementsOf(Template.fromStack(stack), 'AWS::KMS::Key');
}

describe('a share key', () => {
  test('rotates every 90 days, is deleted after 30, and is kept when its stack is deleted', () => {
    const { stack } = keyWith();

    Template.fromStack(stack).hasResource('AWS::KMS::Key', {
      Properties: { EnableKeyRotation: true, RotationPeriodInDays: 90, PendingWindowInDays: 30 },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test.each(DATA_OPERATIONS)('allows no one %s by default', (action) => {
    const { stack } = keyWith();

    expect(allowing(keyStatements(stack), action)).toEqual([]);
  });

  test('lets the account administer it, or KMS would refuse the policy', () => {
    const { stack } = keyWith();

    expect(allowing(keyStatements(stack), 'kms:PutKeyPolicy')).toMatchObject([
      { Principal: { AWS: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } },
    ]);
  });

  test.each([
    [
      'a deletion within less than 30 days',
      'kms:ScheduleKeyDeletion',
      { NumericLessThan: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '30' } },
    ],
    ['a policy past the lockout check', 'kms:PutKeyPolicy', { Bool: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } }],
    [
      'a grant to anyone but a service',
      'kms:CreateGrant',
      { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
    ],
  ])('denies everyone %s', (_what, action, condition) => {
    const { stack } = keyWith();
    const denials = keyStatements(stack).filter(({ Effect }) => Effect === 'Deny');

    expect(denials).toContainEqual(
      expect.objectContaining({ Action: action, Condition: condition, Principal: { AWS: '*' }, Resource: '*' }),
    );
  });

  test.each([
    ['grantSeal', 'kms:GenerateDataKey'],
    ['grantUnseal', 'kms:Decrypt'],
  ] as const)('%s gives a role only %s, in the key’s policy, under the whole context', (grant, action) => {
    const { stack, key, role } = keyWith();

    const { success } = key[grant](role);

    const template = Template.fromStack(stack);
    const inKey = statementsOf(template, 'AWS::KMS::Key').filter(
      ({ Sid }) => Sid === 'AllowSeal' || Sid === 'AllowUnseal',
    );
    const condition = {
      StringEquals: {
        'kms:EncryptionContext:environment': 'prod',
        'kms:EncryptionContext:field': ['delegated_share', 'server_key_shares', 'wallet_api_key'],
      },
      'ForAllValues:StringEquals': {
        'kms:EncryptionContextKeys': ['chain', 'environment', 'field', 'owner', 'record'],
      },
      Null: {
        'kms:EncryptionContext:chain': 'false',
        'kms:EncryptionContext:environment': 'false',
        'kms:EncryptionContext:field': 'false',
        'kms:EncryptionContext:owner': 'false',
        'kms:EncryptionContext:record': 'false',
      },
    };
    expect(success).toBe(true);
    expect(inKey).toMatchObject([{ Effect: 'Allow', Principal: { AWS: '${Role.Arn}' }, Condition: condition }]);
    expect(inKey.flatMap(actionsOf)).toEqual([action]);
    expect(inKey.map(({ Condition }) => Condition)).toEqual([condition]);
    // within one account that is enough: docs/adr/0007
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('refuses a role of another account, whose policies would have to allow it, and stays unchanged', () => {
    const app = cdkApp();
    const region = 'eu-west-1';
    const mine = new Stack(app, 'Mine', { env: { account: '111111111111', region } });
    const theirs = new Stack(app, 'Theirs', { env: { account: '222222222222', region } });
    const key = new ShareKey(mine, 'ShareKey', { environment: 'prod' });
    const role = new iam.Role(theirs, 'Role', { roleName: 'theirs', assumedBy: new iam.AnyPrincipal() });

    expect(() => key.grantUnseal(role)).toThrow(
      "grantee: expected a role of the key's account, got one of 222222222222",
    );
    expect(allowing(statementsOf(Template.fromStack(mine), 'AWS::KMS::Key'), 'kms:Decrypt')).toEqual([]);
  });

  test('accepts a role of another stack of its account', () => {
    const app = cdkApp();
    const key = new ShareKey(new Stack(app, 'Mine'), 'ShareKey', { environment: 'prod' });

    key.grantUnseal(
      new iam.Role(new Stack(app, 'Theirs'), 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }),
    );

    expect(() => app.synth()).not.toThrow();
  });

  test('lets a second role join the first in one statement, since a policy names none twice', () => {
    const { stack, key, role } = keyWith();
    const other = new iam.Role(stack, 'Other', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });

    key.grantSeal(role);
    key.grantSeal(other);

    const sealing = keyStatements(stack).filter(({ Sid }) => Sid === 'AllowSeal');
    expect(sealing.map(({ Principal }) => Principal)).toEqual([{ AWS: ['${Other.Arn}', '${Role.Arn}'] }]);
  });

  test('can be used only from its network if one is given, while administration is not bound to it', () => {
    const stack = testStack();
    const sourceVpc = new ec2.Vpc(stack, 'Vpc');
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });

    new ShareKey(stack, 'ShareKey', { environment: 'prod', sourceVpc }).grantUnseal(role);

    const statements = keyStatements(stack);
    expect(allowing(statements, 'kms:Decrypt')[0]?.Condition?.StringEquals).toMatchObject({
      'aws:SourceVpc': '${Vpc}',
    });
    expect(allowing(statements, 'kms:PutKeyPolicy')[0]?.Condition).toBeUndefined();
  });

  test.each([
    [
      'a rotation under 90 days',
      { rotationPeriod: Duration.days(89) },
      'rotationPeriod: expected 90 to 2560 whole days, got 89',
    ],
    [
      'a rotation over 2,560 days',
      { rotationPeriod: Duration.days(2_561) },
      'rotationPeriod: expected 90 to 2560 whole days, got 2561',
    ],
    [
      'an environment in capitals',
      { environment: 'Prod' },
      'environment: expected a name like staging-2, of 2 to 16 lower-case letters, digits and single hyphens, got "Prod"',
    ],
    [
      'a snapshot of a key',
      { removalPolicy: RemovalPolicy.SNAPSHOT },
      'removalPolicy: expected RETAIN_ON_UPDATE_OR_DELETE, RETAIN or DESTROY, got "snapshot"',
    ],
  ])('refuses %s', (_what, props, message) => {
    expect(() => keyWith(props)).toThrow(message);
  });
});
