import { describe, expect, test } from '@jest/globals';
import { EVERYTHING } from '../support/iam/document';
import { verdict } from './cell';
import { keyAsks } from './key-asks';
import { functionRoles } from './principals';
import { matrixVault } from './vault-app';

/** A role that was since given everything, so that the key's own policy alone stands in its way. */
const vault = matrixVault('prod');
const [unseal] = functionRoles(vault).filter(({ name }) => name === 'unseal');
const asks = new Map(keyAsks(vault).map((asked) => [asked.name, asked]));

async function answer(what: string) {
  const asked = asks.get(what);
  if (!asked || !unseal) throw new Error(`expected the unseal role and an ask called ${what}, got none`);
  return verdict({ ...asked, endpointPolicy: undefined }, { ...unseal, policies: [EVERYTHING] });
}

describe("the share key's policy alone", () => {
  test('allows the unseal role a right request', async () => {
    expect(await answer('kms:Decrypt share key, right')).toBe('allow');
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
    expect(await answer(what)).toBe('deny');
  });
});
