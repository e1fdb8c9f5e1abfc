import type { Plugin } from 'esbuild';
import { HANDLERS, build } from '../../tools/build/bundle';
import type { Row, Table } from '../harness/table';

/** Of each bundle for vaults that use AWS only; `test/tools/bundles.test.ts` holds it. */
const MOST_BYTES = 310_000;
/** A bundle's packages below it are shown as one. */
const SHOWN_BYTES = 2_000;

/** Builds the bundles, and returns their sizes and what each package contributes to `unseal`. */
export async function measureSizes(outdir: string): Promise<readonly Table[]> {
  const packages = new Map<string, number>();
  const reports = await build({ outdir, plugins: [countPackages(packages)] });
  const rows = reports.map(({ name, bytes, gzipBytes }): Row => {
    const own = (HANDLERS as readonly string[]).includes(name);
    const part = bytes / MOST_BYTES;
    const spread = { median: part, low: part, high: part };
    const ratio = { id: `cold/bytes/${name}`, heading: 'of 310,000', ...spread, goal: { atMost: 1 } };
    return { label: name, cells: [bytes, gzipBytes], ...(own && { ratios: [ratio] }) };
  });
  return [
    { title: 'Bundles (bytes)', columns: ['bytes', 'gzip'], rows },
    { title: 'Packages in the bundle of unseal (bytes)', columns: ['bytes'], rows: largest(packages) },
  ];
}

function countPackages(packages: Map<string, number>): Plugin {
  return {
    name: 'count-packages',
    setup(builder) {
      builder.onEnd(({ metafile }) => {
        const [, output] = Object.entries(metafile?.outputs ?? {}).find(([path]) => isUnseal(path)) ?? [];
        for (const [path, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
          const name = packageOf(path);
          packages.set(name, (packages.get(name) ?? 0) + bytesInOutput);
        }
      });
    },
  };
}

const isUnseal = (path: string): boolean => path.endsWith('unseal/index.mjs') && !path.includes('elsewhere');

function packageOf(path: string): string {
  const [, scope, name] = /.*node_modules\/(@[^/]+\/)?([^/]+)/.exec(path) ?? [];
  if (name !== undefined) return `${scope ?? ''}${name}`;
  return path.startsWith('lambda/') ? 'the vault' : 'others';
}

function largest(packages: ReadonlyMap<string, number>): readonly Row[] {
  const sorted = [...packages].sort(([, a], [, b]) => b - a);
  const shown = sorted.filter(([, bytes]) => bytes >= SHOWN_BYTES);
  const rest = sorted.filter(([, bytes]) => bytes < SHOWN_BYTES).reduce((sum, [, bytes]) => sum + bytes, 0);
  return [...shown, ['each smaller', rest] as const].map(([label, bytes]) => ({ label, cells: [bytes] }));
}
