import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { ShareVaultClient } from '../../../client/index';
import { FakeVault } from './fake-vault';

/** The fake vault of the running file, and a client with default options: `useFakeVault` assigns them. */
export let vault: FakeVault;
export let client: ShareVaultClient;

/** Starts a fake vault before the tests of a file, and stops it after them. Each test begins without calls or faults. */
export function useFakeVault(): void {
  beforeAll(async () => {
    vault = await FakeVault.start();
    client = vault.client();
  });
  beforeEach(() => {
    vault.calls.length = 0;
    vault.troubles.length = 0;
    vault.functions.arrived.length = 0;
  });
  afterAll(() => vault.stop());
}
