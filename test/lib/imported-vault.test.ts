import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ShareVault } from '../../lib/share-vault';
import { statementsOf } from '../support/statements';
import { testStack } from '../support/synth';

function consumer() {
  const stack = testStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  return { stack, role, statements: () => statementsOf(Template.fromStack(stack), 'AWS::IAM::Policy') };
}

describe('a vault that is made elsewhere', () => {
  test('is the resource of grants by its environment, account and region', () => {
    const { stack, role, statements } = consumer();
    const vault = ShareVault.fromShareVaultAttributes(stack, 'Vault', {
      environment: 'prod',
      account: '111111111111',
      region: 'eu-west-1',
    });

    vault.grantUnseal(role, { actor: 'signer' });

    expect(statements()).toMatchObject([
      { Resource: 'arn:${AWS::Partition}:lambda:eu-west-1:111111111111:function:share-vault-prod-unseal:signer' },
    ]);
  });

  test('grants reading properties as it grants the other operations', () => {
    const { stack, role, statements } = consumer();

    ShareVault.fromShareVaultAttributes(stack, 'Vault', { environment: 'prod' }).grantReadProperties(role, {
      actor: 'reader',
    });

    expect(statements()).toMatchObject([
      { Resource: expect.stringContaining(':function:share-vault-prod-properties:reader') },
    ]);
  });

  test('lets a sealer fetch the intake keys that are named', () => {
    const { stack, role, statements } = consumer();
    const intakeKeys = { 'intake-1': 'arn:aws:kms:eu-west-1:111111111111:key/1' };

    const vault = ShareVault.fromShareVaultAttributes(stack, 'Vault', { environment: 'prod', intakeKeys });
    vault.grantSeal(role, { actor: 'signer' });

    expect(vault.intakeKeys).toEqual(intakeKeys);
    const Resource = intakeKeys['intake-1'];
    expect(statements()).toContainEqual({ Effect: 'Allow', Action: 'kms:GetPublicKey', Resource });
  });

  test('refuses an actor that is not among its known actors', () => {
    const { stack, role } = consumer();
    const vault = ShareVault.fromShareVaultAttributes(stack, 'Vault', { environment: 'prod', actors: ['signer'] });

    expect(() => vault.grantUnseal(role, { actor: 'stranger' })).toThrow(
      'actor: expected one of signer, got "stranger"',
    );
  });

  test("refuses a grant to another account, which only the vault's own app can make", () => {
    const { stack } = consumer();
    const vault = ShareVault.fromShareVaultAttributes(stack, 'Vault', { environment: 'prod' });

    expect(() => vault.grantUnseal(new iam.AccountPrincipal('222222222222'), { actor: 'signer' })).toThrow(
      'grant it in the app that defines the vault',
    );
  });

  test('refuses an immutable role', () => {
    const { stack, role } = consumer();
    const vault = ShareVault.fromShareVaultAttributes(stack, 'Vault', { environment: 'prod' });

    expect(() => vault.grantUnseal(role.withoutPolicyUpdates(), { actor: 'signer' })).toThrow('got the immutable');
  });

  test('that is looked up has the aliases and keys of its parameters, so that a missing actor fails the deploy', () => {
    const { stack, role } = consumer();

    ShareVault.fromLookup(stack, 'Vault', { environment: 'prod' }).grantSeal(role, { actor: 'signer' });

    const parameters = Object.values(Template.fromStack(stack).findParameters('*')).map(
      ({ Type, Default }) => [Type as string, Default as string] as const,
    );
    expect(parameters).toEqual(
      expect.arrayContaining([
        ['AWS::SSM::Parameter::Value<String>', '/share-vault/prod/actors/signer/seal'],
        ['AWS::SSM::Parameter::Value<String>', '/share-vault/prod/keys/intake/intake-1'],
      ]),
    );
  });
});
