import { describe, expect, test } from '@jest/globals';
import { type Policy, isAllowed } from '../../../../../local/emulator/elsewhere/vault/policies';

const PATH = 'transit/encrypt/share';

describe("a Vault's policies", () => {
  test.each<[string, readonly Policy[], boolean]>([
    ['an exact path', [{ [PATH]: ['update'] }], true],
    ['another capability', [{ [PATH]: ['create', 'read'] }], false],
    ['another path', [{ 'transit/encrypt/other': ['update'] }], false],
    ['no policy at all', [], false],
    ['a path whose end is any', [{ 'transit/*': ['update'] }], true],
    ['a path that goes on', [{ 'transit/encrypt/share/more': ['update'] }], false],
    ['a path that begins alike', [{ 'transit/encrypt': ['update'] }], false],
    ['a path of which one segment is any', [{ 'transit/+/share': ['update'] }], true],
    ['a segment that is any but a slash', [{ 'transit/+': ['update'] }], false],
    ['characters that a pattern would take for others', [{ 'transit.encrypt/share': ['update'] }], false],
    ['two policies for the same path', [{ [PATH]: ['read'] }, { [PATH]: ['update'] }], true],
    ['a denial in one of two policies', [{ [PATH]: ['update'] }, { [PATH]: ['deny'] }], false],
    ['an exact path that allows less than a wide one', [{ 'transit/*': ['update'], [PATH]: ['read'] }], false],
    ['an exact path that allows what a wide one denies', [{ 'transit/*': ['deny'], [PATH]: ['update'] }], true],
    ['a longer path that allows less', [{ 'transit/*': ['update'], 'transit/encrypt/*': ['read'] }], false],
    ['a later wildcard that allows less', [{ '+/encrypt/share': ['update'], 'transit/+/share': ['read'] }], false],
    ['a segment that outweighs an end', [{ 'transit/*': ['update'], 'transit/+/share': ['read'] }], false],
  ])('decide by the most specific rule with %s', (_what, policies, allowed) => {
    expect(isAllowed(policies, PATH, 'update')).toBe(allowed);
  });
});
