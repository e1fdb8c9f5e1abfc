import { build as esbuild, type Plugin } from 'esbuild';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Migration } from '../../lambda/store/migrations/migration';

const ROOT = join(__dirname, '..', '..');
const INDEX = 'lambda/store/migrations/index.ts';

/** File beside a bundle that has migrations: their names and SQL as JSON, compressed by Brotli. */
export const MIGRATIONS_FILE = 'migrations.br';

/** A higher quality takes ten times the time for a file that is an eighth smaller. */
const COMPRESSION = {
  [constants.BROTLI_PARAM_QUALITY]: 6,
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
};

/** The module that a bundle has in place of the migrations' index. */
const READ_FILE = `
  import { readFileSync } from 'node:fs';
  import { join } from 'node:path';
  import { brotliDecompressSync } from 'node:zlib';
  const file = join(import.meta.dirname, '${MIGRATIONS_FILE}');
  export const MIGRATIONS = JSON.parse(brotliDecompressSync(readFileSync(file)).toString());`;

/**
 * Takes the migrations out of the code, which V8 scans, into a compressed file beside the bundle. Their text, and so their
 * SHA-256, is that of the sources.
 *
 * @param plugins of the build: they may replace a migration, or collect the sources
 */
export function withCompressedMigrations(plugins: readonly Plugin[]): Plugin {
  return {
    name: 'with-compressed-migrations',
    setup(builder) {
      let migrations: Promise<readonly Migration[]> | undefined;
      builder.onLoad({ filter: /[/\\]lambda[/\\]store[/\\]migrations[/\\]index\.ts$/ }, ({ path }) => {
        migrations = readMigrations(path, plugins);
        return { contents: READ_FILE, loader: 'js' };
      });
      builder.onEnd(async ({ metafile, outputFiles }) => {
        if (migrations === undefined) return;
        const contents = brotliCompressSync(JSON.stringify(await migrations), { params: COMPRESSION });
        for (const [output, { inputs }] of Object.entries(metafile?.outputs ?? {})) {
          if (!(INDEX in inputs)) continue;
          const path = join(ROOT, dirname(output), MIGRATIONS_FILE);
          outputFiles?.push({ path, contents, hash: '', text: '' });
        }
      });
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
