import { describe, expect, test } from '@jest/globals';
import { didYouMean, nearest } from '../../../local/cli/suggestions';

const ROLES = ['VaultFunctionssealRole0CD45461', 'VaultFunctionsunsealRoleF477841D', 'SignerServiceRole1A2B3C4D'];

describe('suggestions for an unknown name', () => {
  test.each([
    ['a logical id without its hash', 'VaultFunctionsunsealRole', ['VaultFunctionsunsealRoleF477841D']],
    ['another case', 'SIGNERservice', ['SignerServiceRole1A2B3C4D']],
    ['two letters swapped', 'VaultFunctionsunseaLRolEF477841D', ['VaultFunctionsunsealRoleF477841D']],
    ['a letter too many', 'SignerServiceRole1A2B3C4DD', ['SignerServiceRole1A2B3C4D']],
    [
      'a part that several have',
      'role',
      ['SignerServiceRole1A2B3C4D', 'VaultFunctionssealRole0CD45461', 'VaultFunctionsunsealRoleF477841D'],
    ],
    ['nothing alike', 'Administration', []],
  ])('find the nearest for %s', (_what, word, expected) => {
    expect(nearest(word, ROLES)).toEqual(expected);
  });

  test('list the known names if none is near', () => {
    expect(didYouMean('zzz', ['a', 'b'])).toBe(': known are a, b');
    expect(didYouMean('zzz', [])).toBe('');
  });

  test('list at most twelve names', () => {
    const known = Array.from({ length: 20 }, (_, index) => `name-${index}`);

    expect(didYouMean('zzz', known)).toMatch(/name-11, and 8 more$/);
  });
});
