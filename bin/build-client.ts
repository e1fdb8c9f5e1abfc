import { type BuildOptions, build } from 'esbuild';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { declarations } from './declarations';
import { emptyDist, requireDependencies } from './package-folder';

const PACKAGE = join(__dirname, '..', 'client');

/** Builds the package `share-vault` into `client/dist`: an ES module, its CommonJS twin, their types, and the command. */
export async function buildClient(): Promise<void> {
  const dist = emptyDist(PACKAGE);
  const command = join(dist, 'cli.cjs');
  await bundle({ entryPoints: [join(PACKAGE, 'index.ts')], outfile: join(dist, 'index.mjs'), format: 'esm' });
  await bundle({ entryPoints: [join(PACKAGE, 'index.ts')], outfile: join(dist, 'index.cjs'), format: 'cjs' });
  await bundle({
    entryPoints: [join(PACKAGE, 'cli.ts')],
    outfile: command,
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(command, 0o755);
  declarations(join(PACKAGE, 'index.ts'), join(dist, 'types'));
}

async function bundle(options: BuildOptions): Promise<void> {
  const { metafile } = await build({
    ...options,
    bundle: true,
    metafile: true,
    packages: 'external',
    platform: 'node',
    target: 'node22',
    logLevel: 'silent',
  });
  requireDependencies(PACKAGE, metafile);
}
