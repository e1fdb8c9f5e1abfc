import { build } from 'esbuild';
import { join } from 'node:path';
import { declarations } from './declarations';
import { emptyDist, requireDependencies } from './package-folder';

const PACKAGE = join(__dirname, '..', 'client');

/** Builds the package `share-vault` into `client/dist`: an ES module, its CommonJS twin and their types. */
export async function buildClient(): Promise<void> {
  const dist = emptyDist(PACKAGE);
  for (const [format, outfile] of [
    ['esm', 'index.mjs'],
    ['cjs', 'index.cjs'],
  ] as const) {
    const { metafile } = await build({
      entryPoints: [join(PACKAGE, 'index.ts')],
      outfile: join(dist, outfile),
      bundle: true,
      metafile: true,
      packages: 'external',
      format,
      platform: 'node',
      target: 'node22',
      logLevel: 'silent',
    });
    requireDependencies(PACKAGE, metafile);
  }
  declarations(join(PACKAGE, 'index.ts'), join(dist, 'types'));
}
