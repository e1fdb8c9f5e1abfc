import { describe, expect, test } from '@jest/globals';
import { NestedStack, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { Operation } from '../../lib/operation';
import { statementsOf } from '../support/statements';
import { cdkApp, testStack } from '../support/synth';
import { testVault } from '../support/vault';
import { ALIAS, actorAliases, vaultWithSigner } from './signer';

const HERE = { account: '111111111111', region: 'eu-west-1' };
const ZONES = { availabilityZones: ['dummy1a', 'dummy1b'] };

/** Returns a vault, and a stack of another account in the same app. */
function vaultAndFarConsumer() {
  const app = cdkApp();
  const consumer = new Stack(app, 'Consumer', { env: { ...HERE, account: '222222222222' } });
  return { ...vaultWithSigner(testStack({ env: HERE }, app), ZONES), consumer };
}

function roleIn(scope: Construct, roleName?: string): iam.Role {
  return new iam.Role(scope, 'Role', { roleName, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
}

describe('a grant', () => {
  test.each([
    ['grantUnseal', 'unseal'],
    ['grantRevoke', 'revoke'],
    ['grantReadProperties', 'properties'],
    ['grantAudit', 'audit'],
    ['grantFreeze', 'freeze'],
    ['grantThaw', 'thaw'],
  ] as const)('%s lets a role of the same stack invoke one alias of %s, and nothing else', (grant, operation) => {
    const { stack, vault, template } = vaultWithSigner();

    const made = vault[grant](roleIn(stack), { actor: 'signer' });

    expect(made.success).toBe(true);
    expect(statementsOf(template(), 'AWS::IAM::Policy')).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: `${ALIAS}-${operation}:signer` },
    ]);
  });

  test('grantSeal also lets it fetch the public keys to encrypt to', () => {
    const { stack, vault, template } = vaultWithSigner();

    vault.grantSeal(roleIn(stack), { actor: 'signer' });

    expect(statementsOf(template(), 'AWS::IAM::Policy')).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: `${ALIAS}-seal:signer` },
      { Effect: 'Allow', Action: 'kms:GetPublicKey', Resource: '${VaultKeysintakeintake1Key.Arn}' },
    ]);
  });

  test('creates the alias of its actor once, and publishes it', () => {
    const { stack, vault, template } = vaultWithSigner();
    const role = roleIn(stack);

    vault.grantUnseal(role, { actor: 'signer' });
    vault.grantUnseal(role, { actor: 'signer' });

    expect(actorAliases(template())).toHaveLength(1);
    template().hasResourceProperties('AWS::SSM::Parameter', { Name: '/share-vault/staging/actors/signer/unseal' });
  });

  test.each([
    ['a group', (scope: Construct) => new iam.Group(scope, 'Group')],
    ['a user', (scope: Construct) => new iam.User(scope, 'User')],
    ['an imported role of no known account', (scope: Construct) => iam.Role.fromRoleName(scope, 'Role', 'theirs')],
  ])('to %s writes its policy', (_what, grantee) => {
    const { stack, vault, template } = vaultWithSigner();

    vault.grantUnseal(grantee(stack), { actor: 'signer' });

    expect(statementsOf(template(), 'AWS::IAM::Policy')).toHaveLength(1);
  });

  test('to a role of another stack is in that stack, without a reference between the two', () => {
    const app = cdkApp();
    const { stack, vault } = vaultWithSigner(testStack({}, app));
    const consumer = new Stack(app, 'Consumer');

    vault.grantUnseal(roleIn(consumer), { actor: 'signer' });

    expect(statementsOf(Template.fromStack(consumer), 'AWS::IAM::Policy')).toHaveLength(1);
    expect(JSON.stringify(Template.fromStack(consumer).toJSON())).not.toMatch(/Fn::(ImportValue|GetStackOutput)/);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('to a role of a nested stack is in that stack', () => {
    const { stack, vault } = vaultWithSigner();
    const nested = new NestedStack(stack, 'Nested');

    vault.grantUnseal(roleIn(nested), { actor: 'signer' });

    expect(statementsOf(Template.fromStack(nested), 'AWS::IAM::Policy')).toHaveLength(1);
  });

  test("to a role of another account's stack also lets that account in at the alias", () => {
    const { vault, template, consumer } = vaultAndFarConsumer();

    vault.grantUnseal(roleIn(consumer, 'signer'), { actor: 'signer' });

    const alias = 'lambda:eu-west-1:111111111111:function:share-vault-staging-unseal:signer';
    template().hasResource('AWS::Lambda::Permission', {
      Properties: { Action: 'lambda:InvokeFunction', Principal: '222222222222', FunctionName: `arn:aws:${alias}` },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('Actorsigner')]),
    });
    expect(statementsOf(Template.fromStack(consumer), 'AWS::IAM::Policy')).toMatchObject([
      { Resource: `arn:aws:${alias}` },
    ]);
  });

  test("to seal, to a role of another account's stack, refers to no key and makes no role in the vault's account", () => {
    const { vault, template, consumer } = vaultAndFarConsumer();

    vault.grantSeal(roleIn(consumer, 'signer'), { actor: 'signer' });

    expect(statementsOf(Template.fromStack(consumer), 'AWS::IAM::Policy')).toEqual([
      expect.objectContaining({ Action: 'lambda:InvokeFunction' }),
      { Effect: 'Allow', Action: 'kms:GetPublicKey', Resource: 'arn:aws:kms:eu-west-1:111111111111:key/*' },
    ]);
    const roles = Object.keys(template().findResources('AWS::IAM::Role'));
    expect(roles.filter((id) => !/^(Vault|CustomVpcRestrict|AWSCDKTrigger)/.test(id))).toEqual([]);
  });

  test('to another account lets it in at the alias, and reports success', () => {
    const { vault, template } = vaultWithSigner();

    const grant = vault.grantUnseal(new iam.AccountPrincipal('222222222222'), { actor: 'signer' });

    expect(grant.success).toBe(true);
    template().hasResourceProperties('AWS::Lambda::Permission', { Principal: '222222222222' });
  });

  test('to seal from another account lets it fetch the public keys', () => {
    const { vault, template } = vaultWithSigner();

    vault.grantSeal(new iam.AccountPrincipal('222222222222'), { actor: 'signer' });

    expect(statementsOf(template(), 'AWS::KMS::Key', 'VaultKeysintake')).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'kms:GetPublicKey',
        Principal: { AWS: 'arn:${AWS::Partition}:iam::222222222222:root' },
      }),
    );
  });

  test.each([
    ['an immutable role', (scope: Construct) => roleIn(scope).withoutPolicyUpdates(), 'got the immutable'],
    [
      'a role that was imported as immutable',
      (scope: Construct) =>
        iam.Role.fromRoleArn(scope, 'Theirs', 'arn:aws:iam::111111111111:role/theirs', { mutable: false }),
      'got the immutable',
    ],
    [
      'a role by its ARN if the own account is unknown',
      (scope: Construct) => iam.Role.fromRoleArn(scope, 'Theirs', 'arn:aws:iam::111111111111:role/theirs'),
      'expected both accounts to be known or neither',
    ],
    [
      'a function that was imported without its role',
      (scope: Construct) =>
        lambda.Function.fromFunctionArn(scope, 'Theirs', 'arn:aws:lambda:eu-west-1:111111111111:function:theirs'),
      'expected one with a known role',
    ],
    [
      'a service',
      () => new iam.ServicePrincipal('states.amazonaws.com'),
      'expected one that accepts policy statements',
    ],
    ['everyone', () => new iam.AnyPrincipal(), 'expected one that accepts policy statements'],
    ['the own account as a whole', () => new iam.AccountRootPrincipal(), 'expected one that accepts policy statements'],
    [
      'a role under conditions, which its own policy would not hold',
      (scope: Construct): iam.IPrincipal =>
        new iam.PrincipalWithConditions(roleIn(scope), { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }),
      'grantee: expected a principal itself, got one with conditions or session tags: a grant would ignore them',
    ],
    [
      'an immutable role under conditions',
      (scope: Construct): iam.IPrincipal =>
        new iam.PrincipalWithConditions(roleIn(scope).withoutPolicyUpdates(), {
          Bool: { 'aws:SecureTransport': 'true' },
        }),
      'expected a principal itself',
    ],
    [
      'an immutable role with session tags',
      (scope: Construct): iam.IPrincipal => new iam.SessionTagsPrincipal(roleIn(scope).withoutPolicyUpdates()),
      'expected a principal itself',
    ],
  ])('to %s is refused, since it would have no effect', (_what, grantee, message) => {
    const { stack, vault } = vaultWithSigner();

    expect(() => vault.grantUnseal(grantee(stack), { actor: 'signer' })).toThrow(message);
  });

  test("to a role of another account, imported by its ARN, is refused: it can't be changed from here", () => {
    const { stack, vault } = vaultWithSigner(testStack({ env: HERE }), ZONES);
    const theirs = iam.Role.fromRoleArn(stack, 'Theirs', 'arn:aws:iam::222222222222:role/theirs');

    expect(() => vault.grantUnseal(theirs, { actor: 'signer' })).toThrow('got the immutable');
  });

  test.each([
    ['by its number', () => new iam.AccountPrincipal('111111111111')],
    ['by its root', () => new iam.AccountRootPrincipal()],
  ])('to the own account, %s, is refused in words that name it', (_what, grantee) => {
    const { vault } = vaultWithSigner(testStack({ env: HERE }), ZONES);

    expect(() => vault.grantUnseal(grantee(), { actor: 'signer' })).toThrow(
      'grantee: expected one that accepts policy statements, got {"AWS":["arn:aws:iam::111111111111:root"]}',
    );
  });

  test('as an unknown actor is refused', () => {
    const { stack, vault } = testVault();

    expect(() => vault.grantUnseal(roleIn(stack), { actor: 'stranger' })).toThrow(
      'actor: expected a name that addActor added, got "stranger"',
    );
  });

  test.each([Operation.SEAL, Operation.UNSEAL, Operation.REVOKE])(
    'is refused for an actor without kinds that has %s from the start',
    (operation) => {
      const { vault } = testVault();

      const action = () => vault.addActor('auditor', { operations: [operation] });

      expect(action).toThrow(`actor "auditor": expected kinds that it may ${operation}, got none`);
    },
  );

  test.each(['grantSeal', 'grantUnseal', 'grantRevoke'] as const)(
    '%s is refused to an actor without kinds',
    (grant) => {
      const { stack, vault } = testVault();
      vault.addActor('auditor');

      expect(() => vault[grant](roleIn(stack), { actor: 'auditor' })).toThrow('actor "auditor": expected kinds');
      // properties have no kind
      expect(vault.grantReadProperties(new iam.Group(stack, 'Group'), { actor: 'auditor' }).success).toBe(true);
    },
  );
});
