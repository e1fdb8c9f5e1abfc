import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Deployed } from '../../../../local/emulator/deploy';
import type { Credentials } from '../../../../local/emulator/services/functions/environment';
import { BACKEND, deployTest, logIn } from './support';

let vault: Deployed;
let unsealer: Credentials;
beforeAll(async () => {
  vault = await deployTest();
  const role = vault.template.roles().find(({ logicalId }) => logicalId.startsWith('VaultFunctionsunsealRole'));
  unsealer = vault.session(role?.name ?? '');
});
afterAll(() => vault.close());

describe('a login', () => {
  test('as the role’s own user passes', async () => {
    expect(await logIn(vault, 'vault_unsealer', unsealer)).toBe('vault_unsealer');
  });

  test('as another role’s user is refused, and is on the trail', async () => {
    await expect(logIn(vault, 'vault_sealer', unsealer)).rejects.toMatchObject({ code: '28000' });

    expect(vault.trail.entries.at(-1)).toMatchObject({
      action: 'rds-db:connect',
      resource: expect.stringMatching(/^arn:aws:rds-db:.*\/vault_sealer$/),
      result: 'AccessDeniedException',
    });
  });

  test.each([
    ['backend’s', BACKEND],
    ['watcher’s', 'watcher'],
  ])('with the %s token is refused', async (_whose, role) => {
    await expect(logIn(vault, 'vault_unsealer', vault.session(role))).rejects.toMatchObject({ code: '28000' });
  });

  test('with a token for another user is refused', async () => {
    await expect(logIn(vault, 'vault_unsealer', unsealer, 'vault_sealer')).rejects.toMatchObject({ code: '28000' });

    expect(vault.trail.entries.at(-1)).toMatchObject({ message: 'token: other-user' });
  });

  test('with a token that no session signed is refused', async () => {
    const credentials = { ...unsealer, secretAccessKey: 'another' };

    await expect(logIn(vault, 'vault_unsealer', credentials)).rejects.toMatchObject({ code: '28000' });
    expect(vault.trail.entries.at(-1)).toMatchObject({ message: 'token: tampered' });
  });
});
