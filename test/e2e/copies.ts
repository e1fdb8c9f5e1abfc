import { describe } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { LocalVault } from '../../local/vault';
import { scanMemory } from '../support/memory';
import { material } from '../support/run';
import { type TestWallet, makeWallet } from './harness';

/** /proc is Linux's: elsewhere there is nothing to scan with. */
export const onLinux = process.platform === 'linux' ? describe : describe.skip;

export interface Copies {
  readonly processes: number;
  readonly copies: number;
  readonly enough: boolean;
}

type FunctionName = 'seal' | 'unseal' | 'receive';

/** Copies of the materials in the function's processes, and whether enough memory was searched to say so. */
export function copiesIn(vault: LocalVault, name: FunctionName, wallets: readonly TestWallet[]): Copies {
  const secrets = wallets.flatMap(({ materials }) => Object.values(materials));
  const processes = vault.lambda.processes().filter((process) => process.name === vault.functions[name]);
  const scans = processes.map(({ pid }) => scanMemory(pid, secrets));
  return {
    processes: scans.length,
    copies: scans.reduce((sum, { copies }) => sum + copies, 0),
    enough: scans.every(({ searched }) => searched > 10_000_000),
  };
}

/** How many calls of each function are searched after. */
export const CALLS = process.env.SHARE_VAULT_SLOW_TESTS === undefined ? 10 : 1_000;

/** A thousand calls and searches of each take a quiet machine some minutes. */
export const LIMIT_MS = 3_600_000;

/** Every other one with the lengths of real deliveries, the rest with any: an allocator treats each length its own way. */
export function walletsOfManyLengths(count: number): readonly TestWallet[] {
  const any = (): Buffer => material(randomInt(16, 1_001));
  return Array.from({ length: count }, (_, i) => {
    const wallet = makeWallet();
    return i % 2 === 0 ? wallet : { ...wallet, materials: { delegatedShare: any(), walletApiKey: any() } };
  });
}

/** Copies that one call left, and the lengths of its materials. */
interface Leak {
  readonly function: FunctionName;
  readonly lengths: readonly number[];
  readonly copies: number;
}

/** Makes the calls for each wallet one after the other, and searches the function's memory after every one. */
export async function leaksAfterEach(
  vault: LocalVault,
  wallets: readonly TestWallet[],
  calls: Partial<Record<FunctionName, (wallet: TestWallet) => Promise<unknown>>>,
): Promise<readonly Leak[]> {
  const leaks: Leak[] = [];
  for (const wallet of wallets) {
    for (const [name, call] of Object.entries(calls) as [FunctionName, (wallet: TestWallet) => Promise<unknown>][]) {
      await call(wallet);
      const { copies, enough } = copiesIn(vault, name, [wallet]);
      if (!enough) throw new Error('expected memory to search, got none');
      const lengths = Object.values(wallet.materials).map((material) => material.length);
      // a connection that ended while the memory was searched is noticed here, not by the next request
      await setImmediate();
      if (copies > 0) leaks.push({ function: name, lengths, copies });
    }
  }
  return leaks;
}
