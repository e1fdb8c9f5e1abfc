import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import { ShareVault } from '../../lib/share-vault';
import type { IShareVault } from '../../lib/share-vault-base';
import { testStack } from '../support/synth';
import { testVault } from '../support/vault';
import { actorAliases } from './signer';

const A = { actor: 'oncall' };
const B = { actor: 'security' };
const REFUSED = 'expected two people for a thaw, got one that may';

function twoActors() {
  const made = testVault();
  made.vault.addActor('oncall');
  made.vault.addActor('security');
  return made;
}

const roleIn = (stack: Stack, id = 'Role'): iam.Role =>
  new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });

describe('a grantee', () => {
  test.each([
    ['freeze as one actor and thaw', (vault: IShareVault, grantee: iam.IGrantable) => [() => vault.grantFreeze(grantee, A), () => vault.grantThaw(grantee, B)]], // prettier-ignore
    ['thaw as one actor and freeze', (vault: IShareVault, grantee: iam.IGrantable) => [() => vault.grantThaw(grantee, A), () => vault.grantFreeze(grantee, B)]], // prettier-ignore
  ] as const)('can not be granted to %s as another one: it would be two people', (_what, grants) => {
    const { vault, stack } = twoActors();
    const [first, second] = grants(vault, roleIn(stack));

    expect(first).not.toThrow();
    expect(second).toThrow(REFUSED);
  });

  test.each([
    ['a policy', (stack: Stack) => new iam.Policy(stack, 'Policy')],
    ['a managed policy', (stack: Stack) => new iam.ManagedPolicy(stack, 'Policy')],
  ] as const)('that is %s can not be granted both sides as two actors', (_what, make) => {
    const { vault, stack } = twoActors();
    const policy = make(stack);
    vault.grantFreeze(policy, A);

    expect(() => vault.grantThaw(policy, B)).toThrow(REFUSED);
  });

  test('that has both as one actor can not get one of them as another actor', () => {
    const { vault, stack } = twoActors();
    const role = roleIn(stack);
    vault.grantFreeze(role, A);
    vault.grantThaw(role, A);

    expect(() => vault.grantThaw(role, B)).toThrow(
      'grantee: expected two people for a thaw, got one that may freeze as "oncall" and thaw as "security": grant both as one actor, or to two roles',
    );
    expect(() => vault.grantFreeze(role, B)).toThrow(REFUSED);
  });

  test('can be granted both as one actor, whose own request the database does not let it confirm', () => {
    const { vault, stack, template } = twoActors();
    for (const [role, actor] of [
      [roleIn(stack, 'One'), A],
      [roleIn(stack, 'Two'), B],
    ] as const) {
      // prettier-ignore
      vault.grantFreeze(role, actor);
      vault.grantThaw(role, actor);
    }

    expect(actorAliases(template())).toHaveLength(4);
  });

  test('that is imported twice is known as the same one by its ARN', () => {
    const { vault, stack } = twoActors();
    const imported = (id: string) => iam.Role.fromRoleName(stack, id, 'operators');
    vault.grantFreeze(imported('One'), A);

    expect(() => vault.grantThaw(imported('Two'), B)).toThrow(REFUSED);
  });

  test('can not be connected to both as two actors', () => {
    const { vault, stack } = twoActors();
    const runtime = lambda.Runtime.NODEJS_24_X;
    const code = lambda.Code.fromInline('exports.handler = () => undefined');
    const fn = new lambda.Function(stack, 'Fn', { runtime, code, handler: 'index.handler' });
    vault.grantFreeze(fn, A);

    expect(() => vault.connect(fn, { ...B, operations: [Operation.THAW] })).toThrow(REFUSED);
  });

  test('of an imported vault and of a looked-up one is the same', () => {
    const stack = testStack();
    const vault = ShareVault.fromShareVaultAttributes(stack, 'Vault', { environment: 'staging' });
    const again = ShareVault.fromLookup(stack, 'Again', { environment: 'staging' });
    const user = new iam.User(stack, 'User');
    vault.grantFreeze(user, A);

    expect(() => again.grantThaw(user, B)).toThrow(REFUSED);
  });

  test('of two vaults is one person in each', () => {
    const stack = testStack();
    const [staging, prod] = ['staging', 'prod'].map((environment) =>
      ShareVault.fromShareVaultAttributes(stack, environment, { environment }),
    ) as [IShareVault, IShareVault];
    const role = roleIn(stack);
    staging.grantFreeze(role, A);

    expect(() => prod.grantThaw(role, B)).not.toThrow();
  });

  test('that is an account as a whole may have both: its administrators divide them', () => {
    const { vault } = twoActors();
    vault.grantFreeze(new iam.AccountPrincipal('222222222222'), A);

    expect(() => vault.grantThaw(new iam.AccountPrincipal('222222222222'), B)).not.toThrow();
  });
});

describe('the function freeze', () => {
  test('knows the actors that may unseal, also those that are added after it', () => {
    const { vault, template } = testVault();
    vault.addActor('viewer', { operations: [Operation.PROPERTIES] });
    vault.addActor('signer', { kinds: [MaterialKind.DELEGATED_SHARE], operations: [Operation.UNSEAL] });
    vault.addActor('backup', { kinds: [MaterialKind.DELEGATED_SHARE], operations: [Operation.UNSEAL, Operation.SEAL] });

    template().hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'share-vault-staging-freeze',
      Environment: { Variables: { SHARE_VAULT_UNSEAL_ACTORS: '["backup","signer"]' } },
    });
  });

  test('knows none in a vault in which no actor may unseal', () => {
    testVault()
      .template()
      .hasResourceProperties('AWS::Lambda::Function', {
        FunctionName: 'share-vault-staging-freeze',
        Environment: { Variables: { SHARE_VAULT_UNSEAL_ACTORS: '[]' } },
      });
  });
});
