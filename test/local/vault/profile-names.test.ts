import { describe, expect, test } from '@jest/globals';
import { ADMINISTRATOR_PROFILE, profileNames } from '../../../local/vault/profile-names';

const names = (...roles: readonly { logicalId: string; name: string }[]) => [...profileNames(roles).values()];

describe('the names of profiles', () => {
  test('begin with a prefix that the developer has no reason to use', () => {
    expect(names({ logicalId: 'Role', name: 'backend' })).toEqual(['local-vault-backend']);
  });

  test('have only characters that SDKs accept, if a role has a path or another stack in its name', () => {
    expect(names({ logicalId: 'One/Role', name: 'One/Ro le]' })).toEqual(['local-vault-One-Ro-le-']);
  });

  test('differ for two roles of the same name, whatever their order is', () => {
    const [one, other] = [
      { logicalId: 'One/Role', name: 'backend' },
      { logicalId: 'Other/Role', name: 'backend' },
    ];

    const [first, second] = names(one, other);

    expect(first).not.toBe(second);
    expect(names(other, one)).toEqual([second, first]);
  });

  test('give no role the profile of the administrator', () => {
    expect(names({ logicalId: 'Role', name: 'administrator' })).not.toContain(ADMINISTRATOR_PROFILE);
  });
});
