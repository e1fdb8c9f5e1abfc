import { afterEach, describe, expect, test } from '@jest/globals';
import { killAll, run } from './run';
import { devTemplate } from './template';

afterEach(killAll);

const UNSEAL_ROLE = 'VaultFunctionsunsealRoleF477841D';
const SHARE_KEY = 'VaultKeysShareKeyD97035D7';
const CONTEXT = ['environment=dev', 'record=r', 'field=delegated_share', 'chain=EVM', 'owner=o'].flatMap((pair) => [
  '--context',
  pair,
]);

function explain(...args: readonly string[]) {
  return run(['explain', ...args, '--template', devTemplate()]);
}

describe('explain --all', () => {
  test('explain --all prints a line for each role, the administrator and the root user, and exits 0', async () => {
    const { printed, ended } = explain('--all', 'kms:Decrypt', SHARE_KEY, ...CONTEXT);

    expect(await ended).toBe(0);
    const lines = printed().trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('ALLOWED'))).toEqual([
      expect.stringMatching(new RegExp(`^ALLOWED  ${UNSEAL_ROLE} +allowed by .*${SHARE_KEY}/AllowUnseal`)),
      expect.stringMatching(new RegExp(`^ALLOWED  VaultResealFunctionRole\\w+ +allowed by .*${SHARE_KEY}/AllowReseal`)),
    ]);
    expect(lines.filter((line) => /^DENIED {3}\S+ +because no /.test(line))).toHaveLength(lines.length - 2);
    expect(lines.filter((line) => /^DENIED {3}(administrator|root) /.test(line))).toHaveLength(2);
  });

  test('explain --all prints CSV rows', async () => {
    const { printed, ended } = explain('--all', 'kms:Decrypt', SHARE_KEY, '--csv', ...CONTEXT);

    expect(await ended).toBe(0);
    const rows = printed().split('\r\n');
    expect(rows[0]).toBe('result,role,principal,action,resource,kind,policy,statement,why');
    expect(rows.filter((row) => row.startsWith('allowed,'))).toHaveLength(2);
    expect(rows.filter((row) => row.startsWith('denied,root,'))).toHaveLength(1);
  });

  test('explain --all expects no role', async () => {
    const { output, ended } = explain('--all', 'root', 'kms:Decrypt', SHARE_KEY);

    expect(await ended).toBe(2);
    expect(output()).toContain('expected ACTION RESOURCE after explain --all, got 3 arguments');
  });
});

describe('explain --json', () => {
  test("explain --json prints the decision, the deciding statement and each policy's part", async () => {
    const { printed, ended } = explain(UNSEAL_ROLE, 'kms:Decrypt', SHARE_KEY, '--json', ...CONTEXT);

    expect(await ended).toBe(0);
    expect(JSON.parse(printed())).toMatchObject({
      result: 'allowed',
      role: UNSEAL_ROLE,
      action: 'kms:Decrypt',
      by: expect.arrayContaining([{ kind: 'resource', policy: SHARE_KEY, statement: 'AllowUnseal' }]),
      policies: expect.arrayContaining([
        expect.objectContaining({
          kind: 'resource',
          policy: SHARE_KEY,
          verdict: 'allows',
          statements: expect.arrayContaining([
            { statement: 'AllowUnseal', effect: 'Allow', matches: true, misses: [] },
          ]),
        }),
      ]),
    });
  });

  test('explain --json exits 1 for a denied call', async () => {
    const { printed, ended } = explain('root', 'kms:Decrypt', SHARE_KEY, '--json');

    expect(await ended).toBe(1);
    expect(JSON.parse(printed())).toMatchObject({ result: 'denied', kind: 'resource', by: [] });
  });
});

describe('explain with a name that the template does not have', () => {
  test.each([
    ['a role', ['unsealrole', 'kms:Decrypt', SHARE_KEY], `got "unsealrole": did you mean ${UNSEAL_ROLE}`],
    ['a role like no other', ['zzz', 'kms:Decrypt', SHARE_KEY], 'got "zzz": known are '],
    ['a resource', ['root', 'kms:Decrypt', 'ShareKey'], `got "ShareKey": did you mean ${SHARE_KEY}`],
    ['an action', ['root', 'kms:Decypt', SHARE_KEY], 'did you mean kms:Decrypt'],
  ])('explain suggests the nearest ones: %s', async (_what, args, message) => {
    const { output, ended } = explain(...args);

    expect(await ended).toBe(2);
    expect(output()).toContain(message);
  });
});
