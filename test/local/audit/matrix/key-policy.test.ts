import { describe, expect, test } from '@jest/globals';
import { verdict } from '../../../../local/audit/matrix/cell';
import { keyRequests } from '../../../../local/audit/matrix/key-requests';
import { EVERYTHING, functionRoles } from '../../../../local/audit/matrix/principals';
import { matrixVault } from './vault-app';

/** The roles of a vault get every permission later, so that only the key's own policy can refuse them. */
const vault = matrixVault('prod');
const roles = new Map(functionRoles(vault).map((role) => [role.name, role]));
const requests = new Map(keyRequests(vault).map((request) => [request.name, request]));

async function verdictOf(what: string, who = 'unseal') {
  const request = requests.get(what);
  const role = roles.get(who);
  if (!request || !role) throw new Error(`expected the role ${who} and a request called ${what}, got none`);
  return verdict({ ...request, endpointPolicy: undefined }, { ...role, policies: [EVERYTHING] });
}

describe('the policy of the share key, without another policy,', () => {
  test('allows the unseal role a right request', async () => {
    expect(await verdictOf('kms:Decrypt share key, right')).toBe('allow');
  });

  test.each([
    'kms:Decrypt share key, other environment',
    'kms:Decrypt share key, other field',
    'kms:Decrypt share key, no context',
    'kms:Decrypt share key, no owner',
    'kms:Decrypt share key, a pair too many',
    'kms:Decrypt share key, other network',
    'kms:Decrypt share key, no network',
    'kms:GenerateDataKey share key, right',
    'kms:Encrypt share key, right',
    'kms:ReEncryptFrom share key, right',
    'kms:CreateGrant share key, to anyone',
    'kms:CreateGrant share key, to rds',
  ])('refuses it %s, though it has *:*', async (what) => {
    expect(await verdictOf(what)).toBe('deny');
  });
});

describe('the policies of the keys, without another policy,', () => {
  test.each(['kms:Decrypt webhook key, right', 'kms:GenerateDataKey share key, right'])(
    'allow the receive role %s',
    async (what) => {
      expect(await verdictOf(what, 'receive')).toBe('allow');
    },
  );

  test.each([
    'kms:Decrypt webhook key, other algorithm',
    'kms:Decrypt share key, right',
    'kms:Decrypt intake key, right',
    'kms:GenerateDataKey share key, other environment',
    'kms:GenerateDataKey share key, no context',
    'kms:CreateGrant webhook key, to anyone',
  ])('refuse it %s, though it has *:*', async (what) => {
    expect(await verdictOf(what, 'receive')).toBe('deny');
  });

  test.each(['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw', 'migrate'])(
    'refuse the role of %s the webhook key, though it has *:*',
    async (who) => {
      expect(await verdictOf('kms:Decrypt webhook key, right', who)).toBe('deny');
    },
  );
});
