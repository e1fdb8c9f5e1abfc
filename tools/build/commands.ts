import { type BuildOptions, type Plugin, build } from 'esbuild';
import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundledPackages, licenceTexts } from './licences';
import { requireDependencies } from './package-folder';

const ROOT = join(__dirname, '..', '..');

/**
 * Bundles one file of a package, without its dependencies but with jose: that is only an ES module, so a CommonJS file can't
 * load it on every Node. The licences of bundled packages go beside the file. Throws if the package's package.json lacks a
 * dependency.
 */
export async function bundleForNode(packageFolder: string, options: BuildOptions & { outfile: string }): Promise<void> {
  const { metafile } = await build({
    ...options,
    absWorkingDir: ROOT,
    bundle: true,
    metafile: true,
    packages: 'external',
    platform: 'node',
    target: 'node22',
    // Jest loads CommonJS files, and no dynamic imports
    ...(options.format === 'cjs' && { supported: { 'dynamic-import': false } }),
    plugins: [bundleJose],
    // a class that names itself would be renamed
    keepNames: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  requireDependencies(packageFolder, metafile);
  const packages = bundledPackages(Object.keys(metafile.inputs).map((path) => join(ROOT, path)));
  writeFileSync(join(dirname(options.outfile), 'THIRD_PARTY_LICENSES.txt'), licenceTexts(packages));
}

const bundleJose: Plugin = {
  name: 'bundle-jose',
  setup(builder) {
    builder.onResolve({ filter: /^jose$/ }, () => ({ path: require.resolve('jose') }));
  },
};

/** Bundles the command of the package `@cdk-share-vault/client` into a folder; returns the file. */
export function bundleClientCommand(dist: string): Promise<string> {
  return bundleCommand(join(ROOT, 'client'), dist);
}

/**
 * Bundles the command of the package `@cdk-share-vault/local` into a folder named `dist`; returns the file. Beside it go the
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
