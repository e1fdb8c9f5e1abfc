import { percentile, ratio } from '../harness/measure';
import type { Goal, Ratio, Row, Table } from '../harness/table';
import type { Measured } from './rounds';
import type { Operation } from './vault-process';
import { WAYS, type Way } from './ways';

const TITLES: Readonly<Record<Operation, string>> = {
  seal: 'Warm seal of two materials (ms)',
  unseal: 'Warm unseal of two materials (ms)',
  receive: 'Warm delivery of two materials (ms)',
  properties: 'Warm read of wallet properties of 2 KB (ms)',
};

const COMPARED: readonly { readonly way: Way; readonly heading: string; readonly goal?: Goal }[] = [
  { way: 'floor', heading: 'vault / floor', goal: { atMost: 1.25 } },
  { way: 'recipe', heading: 'vault / recipe', goal: { atMost: 1 } },
  { way: 'esdk', heading: 'vault / ESDK' },
];

/** @param found - by how long the local KMS waits before each response, in milliseconds */
export function tableOf(operation: Operation, found: ReadonlyMap<number, Measured>): Table {
  return {
    title: TITLES[operation],
    columns: ['p50', 'p95', 'p99', 'CPU'],
    rows: [...found].flatMap(([latencyMs, measured]) => rowsOf(operation, latencyMs, measured)),
    notes: [
      'CPU: median of the processor time of a call, all threads',
      'floor: one round of bare KMS calls and one bare call of the database, one after the other',
      ...(operation === 'properties' ? [] : ['recipe: the specification’s, without log, access control or context']),
      ...(operation === 'receive' ? ['the recipe has its private key in the process, the vault in KMS'] : []),
      ...(operation === 'seal' ? ['recipe, esdk: materials arrive in the clear; the vault opens them in KMS'] : []),
    ],
  };
}

function rowsOf(operation: Operation, latencyMs: number, measured: Measured): readonly Row[] {
  return WAYS.flatMap((way) => {
    const { ms: { [way]: ms }, cpuMs: { [way]: cpuMs } } = measured; // prettier-ignore
    if (ms === undefined || cpuMs === undefined) return [];
    const cells = [...[50, 95, 99].map((percent) => percentile(ms, percent)), percentile(cpuMs, 50)];
    const label = operation === 'properties' ? way : `${way}, KMS ${latencyMs} ms`;
    return [{ label, cells, ...(way === 'vault' && { ratios: ratiosOf(operation, latencyMs, ms, measured.ms) }) }];
  });
}

function ratiosOf(
  operation: Operation,
  latencyMs: number,
  vault: readonly number[],
  others: Partial<Readonly<Record<Way, readonly number[]>>>,
): readonly Ratio[] {
  return COMPARED.flatMap(({ way, heading, goal }) => {
    const other = others[way];
    const id = `operation/${operation}/${latencyMs}/${way}`;
    return other === undefined ? [] : [ratio({ id, heading, ...(goal && { goal }) }, vault, other)];
  });
}
