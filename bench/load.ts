import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bundle, bundleFile } from './elsewhere/handler';
import { type Start, start } from './elsewhere/processes';
import { median } from './median';

const ROUNDS = 15;
const NAMES = ['seal', 'unseal', 'receive'] as const;
type Name = (typeof NAMES)[number];

/** Pairs of processes that loaded a function's bundle: that of vaults with keys elsewhere, and the AWS-only one. */
type Pairs = readonly { readonly elsewhere: Start; readonly own: Start }[];

/**
 * Compares the load of bundles with keys elsewhere with that of the AWS-only ones, each in a fresh process, in turns; and
 * again with Node's cache of compiled code, which Lambda does not have by default.
 */
export async function benchLoad(): Promise<void> {
  const cache = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
  try {
    console.log(`\nLoad of bundles with keys elsewhere (medians of ${ROUNDS} pairs, ms)\n`);
    console.log(
      `  ${''.padEnd(23)}${['AWS-only', 'elsewhere', 'ratio', 'processor'].map((cell) => cell.padStart(11)).join('')}`,
    );
    for (const name of NAMES) print(name, await pairs(name, {}));
    const cached = { NODE_COMPILE_CACHE: cache };
    // the first ones fill the cache
    for (const name of NAMES) await pair(name, cached);
    for (const name of NAMES) print(`${name}, compiled`, await pairs(name, cached));
    console.log('  ratio, and that of processor time: in pairs (at most 1.5)');
  } finally {
    rmSync(cache, { recursive: true });
  }
}

type Variables = Readonly<Record<string, string>>;

async function pairs(name: Name, env: Variables): Promise<Pairs> {
  const all: Pairs[number][] = [];
  for (let round = 0; round < ROUNDS; round += 1) all.push(await pair(name, env));
  return all;
}

async function pair(name: Name, env: Variables): Promise<Pairs[number]> {
  const load = (bundle: Bundle): Promise<Start> => start(bundleFile(bundle), { env, arn: '' });
  const own = await load(name);
  return { own, elsewhere: await load(`elsewhere/${name}`) };
}

function print(label: string, all: Pairs): void {
  const times = (['own', 'elsewhere'] as const).map((which) =>
    median(all.map((each) => each[which].loadMs)).toFixed(1),
  );
  const ratios = (['loadMs', 'loadCpuMs'] as const).map((key) => ratioOf(all, key).toFixed(2));
  console.log(`  ${label.padEnd(23)}${[...times, ...ratios].map((cell) => cell.padStart(11)).join('')}`);
}

const ratioOf = (all: Pairs, key: 'loadMs' | 'loadCpuMs'): number =>
  median(all.map(({ own, elsewhere }) => elsewhere[key] / own[key]));

if (require.main === module) void benchLoad();
