import { describe } from '@jest/globals';
import type { LocalVault } from '../../local/vault';
import { scanMemory } from '../support/memory';
import type { TestWallet } from './harness';

/** /proc is Linux's: elsewhere there is nothing to scan with. */
export const onLinux = process.platform === 'linux' ? describe : describe.skip;

export interface Copies {
  readonly processes: number;
  readonly copies: number;
  readonly enough: boolean;
}

/** Copies of the materials in the function's processes, and whether enough memory was searched to say so. */
export function copiesIn(
  vault: LocalVault,
  name: 'seal' | 'unseal' | 'receive',
  wallets: readonly TestWallet[],
): Copies {
  const secrets = wallets.flatMap(({ materials }) => Object.values(materials));
  const processes = vault.lambda.processes().filter((process) => process.name === vault.functions[name]);
  const scans = processes.map(({ pid }) => scanMemory(pid, secrets));
  return {
    processes: scans.length,
    copies: scans.reduce((sum, { copies }) => sum + copies, 0),
    enough: scans.every(({ searched }) => searched > 10_000_000),
  };
}
