import { setTimeout as sleep } from 'node:timers/promises';
import { percentile, ratio, takeTurns } from '../harness/measure';
import type { Table } from '../harness/table';
import { processorMs } from './processor-time';
import { type FirstCall, type Start, startBundle } from './start';
import type { ColdVault } from './vault-process';

/** Until PostgreSQL has counted the backends that ended. */
const REAP_MS = 300;

/** Processor time by where it was spent, in milliseconds, and the time until the last first call ended. */
interface Spent {
  readonly wallMs: number;
  readonly bootMs: number;
  readonly loadMs: number;
  readonly callMs: number;
  readonly servicesMs: number;
  readonly postgresMs: number;
}
const PARTS = {
  'start of Node': 'bootMs',
  'load of the bundle': 'loadMs',
  'first call, in the function': 'callMs',
  'first call, in the local KMS and login': 'servicesMs',
  'first call, in PostgreSQL': 'postgresMs',
} as const;

export interface AtOnce {
  readonly vault: ColdVault;
  readonly call: FirstCall;
  readonly own: string;
  readonly baseline: string;
  readonly environments: number;
  readonly rounds: number;
}

/** Starts many environments of `unseal` at once without a quota, and splits their processor time by its use. */
export async function atOnce({ vault, call, own, baseline, environments, rounds }: AtOnce): Promise<Table> {
  const spent: Spent[] = [];
  const start = (file: string) => startMany(file, environments, call, vault);
  const ways = {
    own: async () => {
      const each = await start(own);
      spent.push(each);
      return each.wallMs;
    },
    baseline: async () => (await start(baseline)).wallMs,
  };
  const times = await takeTurns(ways, { warmUp: 0, rounds });
  const heading = { id: `cold/at-once/${environments}`, heading: 'vault / default bundle' };
  const median = (key: keyof Spent): number => percentile(spent.map((each) => each[key]), 50); // prettier-ignore
  const all = Object.values(PARTS).reduce((sum, key) => sum + median(key), 0);
  return {
    title: `${environments} environments of unseal at once, on this machine's processors (ms)`,
    columns: ['vault', 'of it in %', 'default'],
    rows: [
      {
        label: 'until the last one has responded',
        cells: [percentile(times.own, 50), Number.NaN, percentile(times.baseline, 50)],
        ratios: [ratio(heading, times.own, times.baseline)],
      },
      ...Object.entries(PARTS).map(([label, key]) => ({
        label: `processor: ${label}`,
        cells: [median(key), (100 * median(key)) / all, Number.NaN],
      })),
    ],
    notes: [
      'In Lambda, environments do not share a processor: only the time in KMS and in the database is shared.',
      'The local login checks IAM tokens in a proxy with TLS on both sides, which Aurora does not have.',
    ],
  };
}

async function startMany(file: string, count: number, call: FirstCall, vault: ColdVault): Promise<Spent> {
  const shared = () => [processorMs(vault.services), processorMs(vault.postgres)] as const;
  const before = shared();
  const started = performance.now();
  const starts = await Promise.all(Array.from({ length: count }, () => startBundle(file, { call })));
  const wallMs = performance.now() - started;
  await sleep(REAP_MS);
  const after = shared();
  const sum = (key: keyof Start): number => starts.reduce((total, each) => total + each[key], 0);
  return {
    wallMs,
    bootMs: sum('bootCpuMs'),
    loadMs: sum('loadCpuMs'),
    callMs: sum('callCpuMs'),
    servicesMs: after[0] - before[0],
    postgresMs: after[1] - before[1],
  };
}
