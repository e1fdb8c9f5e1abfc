import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ShareVaultClient } from '../../../../client/index';
import type { Deployed } from '../../../../local/emulator/deploy';
import { BACKEND, WATCHER, clientOf, deliver, deployTest, makeWallet, unseal } from './support';

let vault: Deployed;
let backend: ShareVaultClient;
let watcher: ShareVaultClient;
beforeAll(async () => {
  vault = await deployTest();
  backend = await clientOf(vault, 'signer', vault.session(BACKEND));
  watcher = await clientOf(vault, 'auditor', vault.session(WATCHER));
});
afterAll(() => vault.close());

describe('a template, and nothing else', () => {
  test('is enough for a delivery to be sealed, opened by the consumer’s role, audited and revoked', async () => {
    const wallet = makeWallet();

    expect(await deliver(vault, wallet)).toBe('200 Sealed');
    expect(await unseal(backend, wallet)).toEqual(wallet.materials);
    expect(await Array.fromAsync(watcher.accessLog(wallet))).toMatchObject([
      { action: 'seal', actor: 'dynamic:webhook' },
      { action: 'unseal', actor: 'signer' },
    ]);
    expect(await watcher.verifyAccessLog(wallet)).toMatchObject({ intact: true, length: 2 });
    await backend.revoke({ walletId: wallet.walletId, chain: wallet.chain, reason: 'test' });
    await expect(unseal(backend, wallet)).rejects.toMatchObject({ code: 'Revoked' });
  });
});
