import { beforeAll } from '@jest/globals';
import type { AccessLogEntry, SealInput, Wallet } from '../../../client/index';
import { sealInput, unsealInput } from './inputs';
import { client, useFakeVault, vault } from './use-fake-vault';

let input: SealInput;

/** A wallet with one seal and four unseals: five entries, three pages. */
export function useAuditedWallet(): void {
  useFakeVault();
  beforeAll(async () => {
    input = sealInput();
    await client.seal(input);
    const opened = [1, 2, 3, 4].map(() => client.unseal(unsealInput(input)));
    for (const record of await Promise.all(opened)) record.dispose();
  });
}

export const wallet = (): Wallet => ({ walletId: input.walletId, chain: 'EVM' });

export const entriesOf = (log: AsyncIterable<AccessLogEntry>): Promise<AccessLogEntry[]> => Array.fromAsync(log);

/** Returns the requests of the running test. */
export const asked = () => vault.calls.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
