import { describe, expect, test } from '@jest/globals';
import { Aws } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { Operation } from '../../lib/operation';
import { ShareVault } from '../../lib/share-vault';
import { valuesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { testVault } from '../support/vault';
import { ALIAS, KINDS, actorAliases, vaultWithSigner } from './signer';

describe('an actor', () => {
  test('has no alias until an operation is granted or given', () => {
    expect(actorAliases(vaultWithSigner().template())).toEqual([]);
  });

  test('for consumers elsewhere has its aliases and allows their accounts', () => {
    const { vault, template } = testVault();

    vault.addActor('signer', {
      ...KINDS,
      operations: [Operation.UNSEAL, Operation.REVOKE],
      accounts: ['222222222222'],
    });

    expect(actorAliases(template())).toHaveLength(2);
    expect(valuesOf(template(), 'AWS::Lambda::Permission', 'Principal')).toEqual([
      'events.amazonaws.com',
      '222222222222',
      '222222222222',
    ]);
  });

  test('is refused if its name was added before', () => {
    const { vault } = vaultWithSigner();

    expect(() => vault.addActor('signer')).toThrow('actor: expected a new name, got "signer" a second time');
  });

  test.each(['1', '42', 'Signer', 'a:b', ''])('is refused as "%s"', (name) => {
    expect(() => testVault().vault.addActor(name)).toThrow('actor: expected a name like');
  });

  test('with an account that is unknown at synth is refused: names contain it', () => {
    expect(() =>
      testVault().vault.addActor('signer', { ...KINDS, operations: [Operation.UNSEAL], accounts: [Aws.ACCOUNT_ID] }),
    ).toThrow('account: expected 12 digits, got a token');
  });

  test('with accounts but without operations is refused', () => {
    expect(() => testVault().vault.addActor('signer', { ...KINDS, accounts: ['222222222222'] })).toThrow(
      'actor "signer": expected operations for its accounts, got none',
    );
  });
});

describe('connecting a function', () => {
  const consumerIn = (scope: Construct): lambda.Function =>
    new lambda.Function(scope, 'Consumer', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => {}'),
    });

  test('grants it the operations and sets the variables of the vault', () => {
    const { stack, vault, template } = vaultWithSigner();

    vault.connect(consumerIn(stack), { actor: 'signer', operations: [Operation.SEAL, Operation.UNSEAL] });

    template().hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'index.handler',
      Environment: {
        Variables: {
          SHARE_VAULT_ENVIRONMENT: 'staging',
          SHARE_VAULT_ACTOR: 'signer',
          SHARE_VAULT_SEAL_FUNCTION: Match.anyValue(),
          SHARE_VAULT_UNSEAL_FUNCTION: { 'Fn::Join': ['', Match.arrayWith([':function:share-vault-staging-unseal'])] },
        },
      },
    });
    expect(statementsOf(template(), 'AWS::IAM::Policy')).toEqual([
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: [`${ALIAS}-seal:signer`, `${ALIAS}-unseal:signer`],
      },
      { Effect: 'Allow', Action: 'kms:GetPublicKey', Resource: '${VaultKeysintakeintake1Key.Arn}' },
    ]);
  });

  test('is refused if it is connected to another vault or actor, whose variables would be overwritten', () => {
    const { stack, vault } = vaultWithSigner();
    vault.addActor('other', KINDS);
    const second = ShareVault.fromShareVaultAttributes(stack, 'Second', { environment: 'second' });
    const consumer = consumerIn(stack);

    vault.connect(consumer, { actor: 'signer' });
    vault.connect(consumer, { actor: 'signer', operations: [Operation.REVOKE] });

    const message =
      'expected a function that is connected to no other vault or actor, got one that is already connected as signer of staging';
    expect(() => vault.connect(consumer, { actor: 'other' })).toThrow(message);
    expect(() => second.connect(consumer, { actor: 'signer' })).toThrow(message);
  });

  test("lets one inside the vault's network reach the Lambda endpoint", () => {
    const { stack, vault, template } = testVault({ consumerEndpoint: true });
    vault.addActor('signer', KINDS);
    const consumer = new lambda.Function(stack, 'Consumer', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => {}'),
      vpc: vault.network.vpc,
      vpcSubnets: vault.network.vpcSubnets,
      allowAllOutbound: false,
    });

    vault.connect(consumer, { actor: 'signer' });

    template().hasResourceProperties('AWS::EC2::SecurityGroupEgress', { Description: 'to the vault', FromPort: 443 });
    expect(statementsOf(template(), 'AWS::EC2::VPCEndpoint', 'VaultNetworkEndpointlambda')).toMatchObject([
      { Effect: 'Deny' },
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: expect.arrayContaining([`${ALIAS}-unseal:*`]) },
    ]);
  });
});
