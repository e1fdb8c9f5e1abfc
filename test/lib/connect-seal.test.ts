import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Operation } from '../../lib/operation';
import { ShareVault } from '../../lib/share-vault';
import { statementsOf } from '../support/statements';
import { cdkApp, testStack } from '../support/synth';
import { vaultWithSigner } from './signer';

const SEAL = { actor: 'signer', operations: [Operation.SEAL] };
const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/1';
const [ACCOUNT, OTHER_ACCOUNT] = ['111111111111', '222222222222'];

function consumerIn(stack: Stack): lambda.Function {
  const code = lambda.Code.fromInline('exports.handler = async () => {}');
  return new lambda.Function(stack, 'Consumer', { runtime: lambda.Runtime.NODEJS_24_X, handler: 'mine.handler', code });
}

/** Returns the variables of the consumer in a stack. */
function variablesOf(stack: Stack): Readonly<Record<string, unknown>> {
  const functions = Template.fromStack(stack).findResources('AWS::Lambda::Function', {
    Properties: { Handler: 'mine.handler' },
  });
  const [made] = Object.values(functions) as { Properties: { Environment: { Variables: Record<string, unknown> } } }[];
  return made?.Properties.Environment.Variables ?? {};
}

describe('a function that is connected to seal', () => {
  test('has the names and ARNs of the intake keys in a variable, in the order of the vault', () => {
    const { stack, vault } = vaultWithSigner(undefined, { intakeKeyIds: ['second', 'first'] });

    vault.connect(consumerIn(stack), SEAL);

    expect(Object.keys(vault.intakeKeys)).toEqual(['second', 'first']);
    expect(variablesOf(stack).SHARE_VAULT_INTAKE_KEYS).toEqual({
      'Fn::Join': [
        '',
        [
          '{"second":"',
          { 'Fn::GetAtt': [expect.stringContaining('second'), 'Arn'] },
          '","first":"',
          { 'Fn::GetAtt': [expect.stringContaining('first'), 'Arn'] },
          '"}',
        ],
      ],
    });
  });

  test('has them in another stack too', () => {
    const app = cdkApp();
    const { vault } = vaultWithSigner(testStack(undefined, app));
    const stack = new Stack(app, 'Other');

    vault.connect(consumerIn(stack), SEAL);

    const variable = JSON.stringify(variablesOf(stack).SHARE_VAULT_INTAKE_KEYS);
    expect(variable).toMatch(/intake-1.*intakeintake1/);
  });

  test('in another account has none, since no template there can name the keys', () => {
    const app = cdkApp();
    const { vault } = vaultWithSigner(testStack({ env: { account: ACCOUNT, region: 'eu-west-1' } }, app));
    const stack = new Stack(app, 'Other', { env: { account: OTHER_ACCOUNT, region: 'eu-west-1' } });

    vault.connect(consumerIn(stack), SEAL);

    expect(Object.keys(variablesOf(stack)).sort()).toEqual([
      'SHARE_VAULT_ACTOR',
      'SHARE_VAULT_ENVIRONMENT',
      'SHARE_VAULT_SEAL_FUNCTION',
    ]);
  });

  test('to an imported vault has the keys that the attributes name, and no variable without them', () => {
    const [named, unnamed] = [testStack(), testStack()];
    const intakeKeys = { 'intake-1': KEY };

    ShareVault.fromShareVaultAttributes(named, 'Vault', { environment: 'prod', intakeKeys }).connect(
      consumerIn(named),
      SEAL,
    );
    ShareVault.fromShareVaultAttributes(unnamed, 'Vault', { environment: 'prod' }).connect(consumerIn(unnamed), SEAL);

    expect(variablesOf(named).SHARE_VAULT_INTAKE_KEYS).toBe(`{"intake-1":"${KEY}"}`);
    expect(variablesOf(unnamed)).not.toHaveProperty('SHARE_VAULT_INTAKE_KEYS');
  });

  test('to a vault that is looked up has the keys of its parameters', () => {
    const stack = testStack();
    const vault = ShareVault.fromLookup(stack, 'Vault', { environment: 'prod', intakeKeyIds: ['intake-2'] });

    vault.connect(consumerIn(stack), SEAL);

    const [parameter] = Object.entries(Template.fromStack(stack).findParameters('*')).filter(([, { Default }]) =>
      String(Default).endsWith('/keys/intake/intake-2'),
    );
    expect(variablesOf(stack).SHARE_VAULT_INTAKE_KEYS).toEqual({
      'Fn::Join': ['', ['{"intake-2":"', { Ref: parameter?.[0] }, '"}']],
    });
  });
});

test('a function that is connected without sealing has no variable of the intake keys', () => {
  const { stack, vault } = vaultWithSigner();

  vault.connect(consumerIn(stack), { actor: 'signer' });

  expect(variablesOf(stack)).not.toHaveProperty('SHARE_VAULT_INTAKE_KEYS');
});

describe("a function in the vault's own network that is connected to seal", () => {
  function inside(operations: Operation[]) {
    const { stack, vault, template } = vaultWithSigner(undefined, { consumerEndpoint: true });
    const { vpc, vpcSubnets } = vault.network;
    const code = lambda.Code.fromInline('exports.handler = async () => {}');
    const at = { vpc, vpcSubnets, allowAllOutbound: false };
    const fn = new lambda.Function(stack, 'In', { runtime: lambda.Runtime.NODEJS_24_X, handler: 'in.h', code, ...at });
    vault.connect(fn, { actor: 'signer', operations });
    return template();
  }
  const TO_KEYS = { Description: 'to the public keys of the vault', FromPort: 443 };

  test('can fetch the public keys of the intake keys, and nothing else, by the KMS endpoint', () => {
    const template = inside([Operation.SEAL]);

    template.resourcePropertiesCountIs('AWS::EC2::SecurityGroupEgress', TO_KEYS, 1);
    expect(statementsOf(template, 'AWS::EC2::VPCEndpoint', 'VaultNetworkEndpointkms')).toContainEqual({
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'kms:GetPublicKey',
      Resource: '${VaultKeysintakeintake1Key.Arn}',
      Condition: { ArnEquals: { 'aws:PrincipalArn': ['arn:${AWS::Partition}:iam::${AWS::AccountId}:*'] } },
    });
  });

  test('without sealing has no way to the KMS endpoint', () => {
    inside([Operation.UNSEAL]).resourcePropertiesCountIs('AWS::EC2::SecurityGroupEgress', TO_KEYS, 0);
  });
});
