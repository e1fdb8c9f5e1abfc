import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { LocalVault } from '../../local/vault';
import { startPatientVault } from './deliveries';
import { type TestWallet, makeWallet } from './harness';

/** The vault of the running file and a wallet of the running test: `useWebhookVault` assigns them. */
export let vault: LocalVault;
export let wallet: TestWallet;

/** Starts a vault with a long webhook limit before the tests of a file, and stops it after them. */
export function useWebhookVault(): void {
  beforeAll(async () => {
    vault = await startPatientVault();
  });
  beforeEach(() => {
    wallet = makeWallet();
  });
  afterAll(() => vault.close());
}
