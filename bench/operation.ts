import type { Bench, Settings } from './harness/bench';
import { prepare } from './operation/prepare';
import { measure } from './operation/rounds';
import { tableOf } from './operation/table';
import { type SlowableVault, withVault } from './operation/vault';
import { OPERATIONS, type Operation } from './operation/vault-process';
import { type Prepared, startWays, stopWays } from './operation/ways';
import type { Table } from './harness/table';

/** How long the local KMS waits before each response, in milliseconds. */
const LATENCIES_MS = [0, 5, 15] as const;
const FULL = { warmUp: 150, rounds: 400 };
const QUICK = { warmUp: 15, rounds: 15 };
const QUICK_LATENCIES_MS = [0, 15] as const;

/**
 * Compares warm calls of the bundles that ship, each in a process of its own as in Lambda, with the bare calls that they
 * can't do without and with the specification's recipe, while the local KMS takes 0, 5 and 15 ms longer to respond.
 */
export const operationBench: Bench = {
  name: 'operation',
  run: (settings) =>
    withVault(async (vault) => {
      const prepared = await prepare(vault);
      const tables: Table[] = [];
      for (const operation of OPERATIONS) tables.push(await compare(operation, vault, prepared, settings));
      return tables;
    }),
};

async function compare(
  operation: Operation,
  vault: SlowableVault,
  prepared: Prepared,
  { quick, progress }: Settings,
): Promise<Table> {
  const ways = await startWays(operation, prepared);
  try {
    const found = new Map<number, Awaited<ReturnType<typeof measure>>>();
    // reading properties calls no key
    for (const latencyMs of operation === 'properties' ? [0] : quick ? QUICK_LATENCIES_MS : LATENCIES_MS) {
      await vault.setLatency(latencyMs);
      const report = (done: number, of: number) => progress(`${operation}, KMS ${latencyMs} ms: ${done} of ${of}`);
      found.set(latencyMs, await measure(ways, quick ? QUICK : FULL, report));
    }
    return tableOf(operation, found);
  } finally {
    await stopWays(ways);
  }
}
