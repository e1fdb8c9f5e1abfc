import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { RsaKey, RsaKeyPurpose } from '../../lib/rsa-key';
import { allowing, statementsOf } from '../support/statements';
import { testStack } from '../support/synth';

function intakeKey(kid = 'intake-1') {
  const stack = testStack();
  const key = new RsaKey(stack, 'Intake', { environment: 'prod', purpose: RsaKeyPurpose.INTAKE, kid });
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  return { stack, key, role };
}

describe('an RSA key', () => {
  test('is a 4096-bit pair for decryption, kept when its stack goes', () => {
    const { stack } = intakeKey();

    Template.fromStack(stack).hasResource('AWS::KMS::Key', {
      Properties: { KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT', PendingWindowInDays: 30 },
      DeletionPolicy: 'RetainExceptOnCreate',
    });
  });

  test('lets no one decrypt by default, and lets the account fetch the public key', () => {
    const { stack } = intakeKey();
    const statements = statementsOf(Template.fromStack(stack), 'AWS::KMS::Key');

    expect(allowing(statements, 'kms:Decrypt')).toEqual([]);
    expect(allowing(statements, 'kms:GetPublicKey')).toHaveLength(1);
  });

  test('lets a granted role decrypt only with RSA-OAEP and SHA-256', () => {
    const { stack, key, role } = intakeKey();

    const { success } = key.grantOpen(role);

    const template = Template.fromStack(stack);
    expect(success).toBe(true);
    expect(allowing(statementsOf(template, 'AWS::KMS::Key'), 'kms:Decrypt')).toMatchObject([
      {
        Principal: { AWS: '${Role.Arn}' },
        Condition: { StringEquals: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' } },
      },
    ]);
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('lets another account fetch the public key after allowPublicKeyTo, and nothing else', () => {
    const { stack, key } = intakeKey();

    key.allowPublicKeyTo('222222222222');
    key.allowPublicKeyTo('222222222222');

    const theirs = statementsOf(Template.fromStack(stack), 'AWS::KMS::Key').filter(({ Principal }) =>
      JSON.stringify(Principal).includes('222222222222'),
    );
    expect(theirs).toMatchObject([{ Action: 'kms:GetPublicKey', Effect: 'Allow' }]);
  });

  test.each(['', 'a b', 'x'.repeat(65)])('refuses the kid "%s"', (kid) => {
    expect(() => intakeKey(kid)).toThrow('kid: expected 1 to 64 letters, digits and _.-');
  });

  test('refuses an invalid account', () => {
    const { key } = intakeKey();

    expect(() => key.allowPublicKeyTo('12345')).toThrow('account: expected 12 digits, got "12345"');
  });
});
