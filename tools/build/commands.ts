import { type BuildOptions, build } from 'esbuild';
import { chmodSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { requireDependencies } from './package-folder';

const ROOT = join(__dirname, '..', '..');

/** Bundles one file of a package without its dependencies. Throws if its package.json lacks one of them. */
export async function bundleForNode(packageFolder: string, options: BuildOptions): Promise<void> {
  const { metafile } = await build({
    ...options,
    bundle: true,
    metafile: true,
    packages: 'external',
    platform: 'node',
    target: 'node22',
    logLevel: 'silent',
  });
  requireDependencies(packageFolder, metafile);
}

/** Bundles the command of the package `share-vault` into a folder; returns the file. */
export function bundleClientCommand(dist: string): Promise<string> {
  return bundleCommand(join(ROOT, 'client'), dist);
}

/**
 * Bundles the command of the package `share-vault-local` into a folder named `dist`; returns the file. Beside it go the
 * process that runs a handler and the handlers that ship (`dist/lambda`, built before), as the command expects them.
 */
export async function bundleLocalCommand(dist: string): Promise<string> {
  const command = await bundleCommand(join(ROOT, 'local'), dist);
  cpSync(join(ROOT, 'local', 'emulator', 'services', 'functions', 'runtime'), join(dist, 'runtime'), {
    recursive: true,
  });
  cpSync(join(ROOT, 'dist', 'lambda'), join(dist, 'lambda'), { recursive: true });
  return command;
}

async function bundleCommand(packageFolder: string, dist: string): Promise<string> {
  const outfile = join(dist, 'cli.cjs');
  const banner = { js: '#!/usr/bin/env node' };
  await bundleForNode(packageFolder, {
    entryPoints: [join(packageFolder, 'cli.ts')],
    outfile,
    format: 'cjs',
    banner,
  });
  chmodSync(outfile, 0o755);
  return outfile;
}
