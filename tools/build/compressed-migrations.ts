import { build as esbuild, type Plugin } from 'esbuild';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Migration } from '../../lambda/store/migrations/migration';

const ROOT = join(__dirname, '..', '..');

/** A quarter of a megabyte of SQL repeats itself: later migrations define a function again. */
const COMPRESSION = {
  [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
};

/**
 * Gives `migrate` the migrations compressed. Their text, and so their SHA-256, is that of the sources.
 *
 * @param plugins of the build: they may replace a migration, or collect the sources
 */
export function withCompressedMigrations(plugins: readonly Plugin[]): Plugin {
  return {
    name: 'with-compressed-migrations',
    setup(builder) {
      builder.onLoad({ filter: /[/\\]lambda[/\\]store[/\\]migrations[/\\]index\.ts$/ }, async ({ path }) => ({
        contents: compressedModule(await readMigrations(path, plugins)),
        loader: 'js',
      }));
    },
  };
}

/** Evaluates the sources as they are now: a module of this process could be older. */
async function readMigrations(path: string, plugins: readonly Plugin[]): Promise<readonly Migration[]> {
  const { outputFiles } = await esbuild({
    absWorkingDir: ROOT,
    entryPoints: [path],
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    logLevel: 'silent',
    plugins: [...plugins],
  });
  const module: { exports: { readonly MIGRATIONS?: readonly Migration[] } } = { exports: {} };
  runInNewContext(outputFiles[0]?.text ?? '', { module });
  const { MIGRATIONS } = module.exports;
  if (MIGRATIONS === undefined) throw new Error('expected the sources to export MIGRATIONS, got none');
  return MIGRATIONS;
}

let last: { readonly text: string; readonly compressed: string } | undefined;

function compressedModule(migrations: readonly Migration[]): string {
  const text = JSON.stringify(migrations);
  // both bundles of migrate have the same ones, and compressing takes a second
  if (last?.text !== text)
    last = { text, compressed: brotliCompressSync(text, { params: COMPRESSION }).toString('base64') };
  return `
    import { brotliDecompressSync } from 'node:zlib';
    export const MIGRATIONS = JSON.parse(brotliDecompressSync(Buffer.from('${last.compressed}', 'base64')).toString());`;
}
