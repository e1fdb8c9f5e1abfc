import type { Plugin } from 'esbuild';
import { join } from 'node:path';
import { bundle } from '../../tools/build/bundle';
import { percentile, takeTurns } from '../harness/measure';
import type { Table } from '../harness/table';
import type { Quota } from './quota';
import { startBundle } from './start';

const LAMBDA = join(__dirname, '..', '..', 'lambda');
const HANDLER = 'export const handler = () => undefined;';
const DATABASE = `export { Client, DatabaseError } from 'pg'; export { Signer } from '@aws-sdk/rds-signer';`;
const KEYS = `export { KMSClient, DecryptCommand } from '@aws-sdk/client-kms'; export { NodeHttpHandler } from '@smithy/node-http-handler';`;
const REQUESTS = `export { readUnsealItem, readUnsealRequest, readUnsealBatchRequest } from './requests/requests';`;

/** Each has the parts before it as well: packages share others, so that their own loads can't be added up. */
const STACKED: Readonly<Record<string, string>> = {
  'an empty handler': HANDLER,
  'and pg, rds-signer': HANDLER + DATABASE,
  'and client-kms, its HTTP handler': HANDLER + DATABASE + KEYS,
  'and valibot, the request’s schemas': HANDLER + DATABASE + KEYS + REQUESTS,
};

export interface LoadByPart {
  readonly own: string;
  readonly outdir: string;
  readonly quota: Quota;
  readonly rounds: number;
}

/** Measures what the packages of `unseal` contribute to its load: bundles that have one group of packages more each. */
export async function loadByPart({ own, outdir, quota, rounds }: LoadByPart): Promise<Table> {
  const names = Object.keys(STACKED);
  const reports = await bundle(Object.fromEntries(names.map((name, i) => [`part-${i}`, entryOf(name)])), {
    outdir,
    plugins: [entries],
  });
  const files = [...names.map((name, i) => [name, reports[i]?.file ?? ''] as const), ['unseal', own] as const];
  const processor: Record<string, number[]> = {};
  const way = (name: string, file: string) => async () => {
    const { loadMs, loadCpuMs } = await startBundle(file, { quota });
    (processor[name] ??= []).push(loadCpuMs);
    return loadMs;
  };
  const warmUp = 1;
  const times = await takeTurns(Object.fromEntries(files.map(([name, file]) => [name, way(name, file)])), {
    warmUp,
    rounds,
  });
  const median = (values: readonly number[] = []): number => percentile(values, 50);
  return {
    title: `Load of unseal by its packages, ${quota.name} (ms)`,
    columns: ['load', 'processor'],
    rows: files.map(([name]) => ({
      label: name,
      cells: [median(times[name]), median(processor[name]?.slice(warmUp))],
    })),
  };
}

const PREFIX = 'part:';
const entryOf = (name: string): string => PREFIX + name;

/** Resolves the entries to the sources of `STACKED`. */
const entries: Plugin = {
  name: 'entries',
  setup(builder) {
    builder.onResolve({ filter: new RegExp(`^${PREFIX}`) }, ({ path }) => ({ path, namespace: 'part' }));
    builder.onLoad({ filter: /./, namespace: 'part' }, ({ path }) => ({
      contents: STACKED[path.slice(PREFIX.length)] ?? '',
      resolveDir: LAMBDA,
    }));
  },
};
