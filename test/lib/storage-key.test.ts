import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { StorageKey } from '../../lib/storage-key';
import { allowing, type Statement, statementsOf } from '../support/statements';
import { testStack } from '../support/synth';

function statements(prepare: (key: StorageKey) => void = () => undefined): readonly Statement[] {
  const stack = testStack();
  prepare(new StorageKey(stack, 'StorageKey', { environment: 'prod' }));
  return statementsOf(Template.fromStack(stack), 'AWS::KMS::Key');
}

const ACCOUNT = { AWS: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' };

describe('a storage key', () => {
  test.each(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptTo', 'kms:CreateGrant'])(
    'lets the account %s only through storing services',
    (action) => {
      const byAccount = allowing(statements(), action).filter(
        ({ Principal }) => JSON.stringify(Principal) === JSON.stringify(ACCOUNT),
      );

      expect(byAccount).toHaveLength(1);
      expect(byAccount[0]?.Condition?.StringEquals).toEqual({
        'kms:CallerAccount': '${AWS::AccountId}',
        'kms:ViaService': [
          'backup.${AWS::Region}.amazonaws.com',
          'lambda.${AWS::Region}.amazonaws.com',
          'rds.${AWS::Region}.amazonaws.com',
          'secretsmanager.${AWS::Region}.amazonaws.com',
        ],
      });
    },
  );

  test('lets services get grants only for a resource of their own', () => {
    expect(allowing(statements(), 'kms:CreateGrant')[0]?.Condition?.Bool).toEqual({
      'kms:GrantIsForAWSResource': 'true',
    });
  });

  test('lets alarms of this account use it, and event rules for topics of this account', () => {
    const publishers = allowing(statements(), 'kms:Decrypt').filter(({ Sid }) => Sid?.startsWith('AllowAlarms'));

    expect(publishers).toMatchObject([
      {
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' } },
      },
      {
        Principal: { Service: 'events.amazonaws.com' },
        Condition: {
          ArnLike: {
            'kms:EncryptionContext:aws:sns:topicArn': 'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:*',
          },
        },
      },
    ]);
  });

  test("lets CloudWatch Logs encrypt the stack's own log groups and those that were named", () => {
    const logs = allowing(
      statements((key) => key.allowLogGroups('/named/group')),
      'kms:Encrypt',
    )
      .filter(({ Principal }) => JSON.stringify(Principal).includes('logs.'))
      .map(({ Condition }) => Condition);

    const prefix = 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:';
    expect(logs).toEqual([
      { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `${prefix}Test-*` } },
      { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `${prefix}/named/group` } },
    ]);
  });

  test('allows no one without a condition, except to administer it', () => {
    const open = statements().filter(({ Effect, Condition }) => Effect === 'Allow' && Condition === undefined);

    expect(open.map(({ Sid }) => Sid)).toEqual(['AllowAccountAdministration']);
  });
});
