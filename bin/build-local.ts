import { build } from 'esbuild';
import { chmodSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { buildDevTemplate } from './dev-template';
import { emptyDist, requireDependencies } from './package-folder';

const ROOT = join(__dirname, '..');
const PACKAGE = join(ROOT, 'local');

/**
 * Builds the package `share-vault-local` into `local/dist`: its command, the process that runs a handler, and the
 * handlers that ship (`dist/lambda`, built before) and a template to deploy, each where the command looks for it
 * from its own folder.
 */
export async function buildLocal(): Promise<void> {
  const dist = emptyDist(PACKAGE);
  const command = join(dist, 'cli.cjs');
  const { metafile } = await build({
    entryPoints: [join(PACKAGE, 'cli.ts')],
    outfile: command,
    bundle: true,
    metafile: true,
    packages: 'external',
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'silent',
  });
  requireDependencies(PACKAGE, metafile);
  chmodSync(command, 0o755);
  cpSync(join(PACKAGE, 'lambda', 'runtime'), join(dist, 'runtime'), { recursive: true });
  cpSync(join(ROOT, 'dist', 'lambda'), join(dist, 'lambda'), { recursive: true });
  buildDevTemplate(join(dist, 'template'));
}
