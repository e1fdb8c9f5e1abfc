import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Start, type StartOptions, startBundle } from './cold/start';
import { bundleFile } from './elsewhere/handler';
import type { Bench, Settings } from './harness/bench';
import { percentile, ratio, takeTurns } from './harness/measure';
import type { Row, Table } from './harness/table';

const NAMES = ['seal', 'unseal', 'receive'] as const;
type Name = (typeof NAMES)[number];

/** Of the load of the AWS-only bundle of the same function. */
const MOST = 1.5;

/**
 * Compares the load of bundles with keys elsewhere with that of the AWS-only ones, each in a fresh process, in turns; and
 * again with Node's cache of compiled code, which Lambda does not have by default.
 */
export const loadBench: Bench = { name: 'load', run };

async function run({ quick, progress }: Settings): Promise<readonly Table[]> {
  const compileCache = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
  const rounds = quick ? 3 : 15;
  try {
    const rows: Row[] = [];
    for (const options of [{}, { compileCache }]) {
      for (const name of NAMES) {
        progress(name);
        rows.push(await compare(name, options, rounds));
      }
    }
    const title = 'Load of bundles with keys elsewhere (ms)';
    return [{ title, columns: ['AWS-only', 'elsewhere'], rows, notes: ['Ratios: elsewhere / AWS-only.'] }];
  } finally {
    rmSync(compileCache, { recursive: true });
  }
}

async function compare(name: Name, options: StartOptions, rounds: number): Promise<Row> {
  const starts: Record<'own' | 'elsewhere', Start[]> = { own: [], elsewhere: [] };
  const load = (way: keyof typeof starts, file: string) => async () => {
    const start = await startBundle(file, options);
    starts[way].push(start);
    return start.loadMs;
  };
  const ways = {
    own: load('own', bundleFile(name)),
    elsewhere: load('elsewhere', bundleFile(`elsewhere/${name}`)),
  };
  // the first ones fill the cache
  const warmUp = 1;
  const times = await takeTurns(ways, { warmUp, rounds });
  const cache = options.compileCache === undefined ? '' : '/compiled';
  const processor = (way: keyof typeof starts) => starts[way].slice(warmUp).map(({ loadCpuMs }) => loadCpuMs);
  const goal = { atMost: MOST };
  return {
    label: cache === '' ? name : `${name}, compiled`,
    cells: [percentile(times.own, 50), percentile(times.elsewhere, 50)],
    ratios: [
      ratio({ id: `load/${name}${cache}`, heading: 'load', goal }, times.elsewhere, times.own),
      ratio(
        { id: `load/${name}${cache}/processor`, heading: 'processor', goal },
        processor('elsewhere'),
        processor('own'),
      ),
    ],
  };
}
