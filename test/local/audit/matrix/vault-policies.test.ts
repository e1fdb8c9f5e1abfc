import { describe, expect, test } from '@jest/globals';
import { add, all, type Mutation, set } from '../../../support/mutate';
import { allowedTo, requestsOf } from '../../../../local/audit/matrix/matrix';
import { functionRoles, otherPrincipals, type Principal } from '../../../../local/audit/matrix/principals';
import { matrixVault } from './vault-app';
import type { VaultPolicies } from '../../../../local/audit/matrix/vault-policies';

const sound = matrixVault('dev');

/** The consumer's role names one of AWS's policies. */
function naming(policy: string): Mutation {
  return set('Consumer', ['Properties', 'ManagedPolicyArns'], [`arn:aws:iam::aws:policy/${policy}`]);
}

/** The consumer's role has the permissions that both its policies and this boundary allow. */
function bounding(Action: string): Mutation {
  const PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
  return all(
    add('Edge', 'AWS::IAM::ManagedPolicy', { PolicyDocument }),
    set('Consumer', ['Properties', 'PermissionsBoundary'], { Ref: 'Edge' }),
  );
}

function consumer(vault: VaultPolicies): Principal {
  const found = otherPrincipals(vault).find(({ name }) => name === 'consumer');
  if (!found) throw new Error('expected a consumer, got none');
  return found;
}

describe('a role', () => {
  test('has the permissions of an AWS managed policy', () => {
    const { policies } = consumer(matrixVault('dev', naming('AdministratorAccess')));

    expect(policies.map(({ name }) => name)).toContain('AdministratorAccess');
  });

  test('with a policy that is unknown here is an error, not a row of denies', () => {
    const vault = matrixVault('dev', naming('PowerUserAccess'));

    expect(() => consumer(vault)).toThrow('got AWS managed policy PowerUserAccess');
  });

  test.each([
    ['lambda:*', ['lambda:InvokeFunction unseal:backend']],
    ['kms:*', []],
  ])('has no permission beyond its boundary: %s', async (actions, allowed) => {
    const vault = matrixVault('dev', bounding(actions));

    expect(await allowedTo(consumer(vault), requestsOf(vault))).toEqual(allowed);
  });
});

const OWN = ['audit', 'freeze', 'migrate', 'properties', 'receive', 'reseal', 'revoke', 'seal', 'thaw', 'unseal'];

test("the vault's functions pass its endpoints, CDK's helpers and people don't", () => {
  const inside = [...functionRoles(sound), ...otherPrincipals(sound)].filter(({ inNetwork }) => inNetwork);

  expect(inside.map(({ name }) => name).sort()).toEqual(OWN);
});
