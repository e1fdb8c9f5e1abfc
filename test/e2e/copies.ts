import { describe } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { LocalVault } from '../../local/vault';
import { scanMemory } from '../support/memory';
import { material } from '../support/run';
import { type TestWallet, makeWallet } from './harness';

/** Only Linux has /proc, so other systems can't search a process. */
export const onLinux = process.platform === 'linux' ? describe : describe.skip;

export interface Copies {
  readonly processes: number;
  readonly copies: number;
  readonly enough: boolean;
}

type FunctionName = 'seal' | 'unseal' | 'receive';

/** Copies of the materials in a function's processes, and whether the search covered enough memory. */
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

/** Number of calls of each function. A search follows each call. */
export const CALLS = process.env.SHARE_VAULT_SLOW_TESTS === undefined ? 10 : 1_000;

/** A thousand calls and searches per function take some minutes on an idle machine. */
export const LIMIT_MS = 3_600_000;

/** Alternates real lengths with arbitrary ones, because an allocator treats each length differently. */
export function walletsOfManyLengths(count: number): readonly TestWallet[] {
  const any = (): Buffer => material(randomInt(16, 1_001));
  return Array.from({ length: count }, (_, i) => {
    const wallet = makeWallet();
    return i % 2 === 0 ? wallet : { ...wallet, materials: { delegatedShare: any(), walletApiKey: any() } };
  });
}

/** Copies that a call left, and the lengths of its materials. */
interface Leak {
  readonly function: FunctionName;
  readonly lengths: readonly number[];
  readonly copies: number;
}

/** Makes the calls for the wallets in sequence, and searches the function's memory after each call. */
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
      // detects a connection that ended during the search here, not in the next request
      await setImmediate();
      if (copies > 0) leaks.push({ function: name, lengths, copies });
    }
  }
  return leaks;
}
