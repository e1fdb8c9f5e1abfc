import { build as esbuild, type BuildResult, type Plugin } from 'esbuild';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { withBuiltinModules } from './builtin-modules';
import { MIGRATIONS_FILE, withCompressedMigrations } from './compressed-migrations';
import { isLeftOut, withoutUnused } from './left-out';
import { bundledPackages, licenceTexts } from './licences';
import { withPureContract } from './pure-contract';
import { withSharedErrors } from './sdk-errors';

const ROOT = join(__dirname, '..', '..');
const OUTDIR = join(ROOT, 'dist', 'lambda');
/** Plugins that make bundles smaller, or faster to load. */
const REDUCTIONS = [withBuiltinModules, withPureContract, withoutUnused, withSharedErrors];
const CREDENTIALS = join(ROOT, 'lambda', 'invocation', 'credentials.ts');

/** The functions that ship: each `lambda/<name>.ts` becomes `dist/lambda/<name>/index.mjs`. */
export const HANDLERS = [
  'seal',
  'unseal',
  'revoke',
  'properties',
  'audit',
  'freeze',
  'thaw',
  'receive',
  'migrate',
  'reseal',
  'restore-check',
] as const;
export type HandlerName = (typeof HANDLERS)[number];

/**
 * The functions that have a second bundle, `dist/lambda/elsewhere/<name>/index.mjs`, for vaults with keys or stores
 * elsewhere: the same sources, with the modules of `SWAPPED` replaced.
 */
export const ELSEWHERE_HANDLERS = ['seal', 'unseal', 'revoke', 'receive', 'migrate', 'reseal'] as const;
/** Folders of all bundles in `dist/lambda`, in the order of the build's report. */
export const BUNDLES = [...HANDLERS, ...ELSEWHERE_HANDLERS.map((name) => `elsewhere/${name}` as const)] as const;
/** Modules of lambda/invocation that are replaced by their namesakes that end in `-elsewhere`. */
const SWAPPED = ['share-key', 'share-key-ids', 'record-store', 'body-sweep'];

export interface BundleOptions {
  /** @default - `dist/lambda` of this repository */
  readonly outdir?: string;
  /** further esbuild plugins: tests build variants with them @default - none */
  readonly plugins?: readonly Plugin[];
}

export interface BuildOptions extends BundleOptions {
  /** @default - all handlers */
  readonly only?: readonly HandlerName[];
}

export interface BundleReport {
  readonly name: string;
  /** absolute path of the bundle */
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** the npm packages in it, as `name@version`, sorted */
  readonly packages: readonly string[];
  /** paths of the files with code in it, from the repository's root, sorted */
  readonly inputs: readonly string[];
  /** absolute paths of all files that were written: the bundle, and those beside it */
  readonly written: readonly string[];
}

/** Bundles the vault's handlers, those of `ELSEWHERE_HANDLERS` twice. */
export async function build({ only = HANDLERS, ...options }: BuildOptions = {}): Promise<BundleReport[]> {
  const { outdir = OUTDIR, plugins = [] } = options;
  const twice = ELSEWHERE_HANDLERS.filter((name) => only.includes(name));
  const own = await bundle(entriesOf(only), options);
  const elsewhere = { outdir: join(outdir, 'elsewhere'), plugins: [...plugins, withElsewhere] };
  const reports = twice.length === 0 ? [] : await bundle(entriesOf(twice), elsewhere);
  return [...own, ...reports.map((report) => ({ ...report, name: `elsewhere/${report.name}` }))];
}

function entriesOf(names: readonly HandlerName[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, join(ROOT, 'lambda', `${name}.ts`)]));
}

/** A module that is itself a replacement may import what it replaces. */
const withElsewhere: Plugin = {
  name: 'with-elsewhere',
  setup(builder) {
    const filter = new RegExp(`/(${SWAPPED.join('|')})$`);
    builder.onResolve({ filter }, ({ importer, path }) =>
      importer.startsWith(join(ROOT, 'lambda') + sep) && !importer.endsWith('-elsewhere.ts')
        ? { path: `${resolve(dirname(importer), path)}-elsewhere.ts` }
        : undefined,
    );
  },
};

/**
 * Bundles entry points (name to path of a source) that export `handler`: the same sources give the same bytes, wherever
 * they lie. Each bundle gets its packages' licences beside it. Throws on a licence that may not be shipped.
 */
export async function bundle(
  entries: Readonly<Record<string, string>>,
  { outdir = OUTDIR, plugins = [] }: BundleOptions = {},
): Promise<BundleReport[]> {
  const result = await esbuild({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(entries).map(([name, source]) => ({ in: source, out: `${name}/index` })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    // one character outside of ASCII would double the text that V8 scans
    charset: 'ascii',
    format: 'esm',
    platform: 'node',
    target: 'node22',
    // esbuild drops unused parts of the AWS SDK's ES modules, but not of the CommonJS files that "main" names
    mainFields: ['module', 'main'],
    // the whole chain of providers triples a client, and a function's credentials only ever come from its environment
    alias: { '@aws-sdk/credential-provider-node': CREDENTIALS, '@aws-sdk/credential-providers': CREDENTIALS },
    legalComments: 'external',
    // errors are thrown
    logLevel: 'silent',
    plugins: [...plugins, ...REDUCTIONS, withCompressedMigrations(plugins)],
  });
  return Object.keys(entries).map((name) => emit(name, join(outdir, name), result));
}

/** Returns a table of the bundles' sizes, a line each: name, KB, KB after gzip. */
export function sizeTable(bundles: readonly BundleReport[]): string {
  const rows = bundles.map(({ name, bytes, gzipBytes }) => [name, kilobytes(bytes), kilobytes(gzipBytes)] as const);
  const table = [['bundle', 'KB', 'KB gzip'] as const, ...rows];
  const [first, second, third] = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map(([name, size, zipped]) =>
      [name.padEnd(first ?? 0), size.padStart(second ?? 0), zipped.padStart(third ?? 0)].join('  '),
    )
    .join('\n');
}

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}

/** Modules that only a plugin has, such as those of Node. */
const isVirtual = (path: string): boolean => path.startsWith('builtin:');

type Bundled = BuildResult<{ metafile: true; write: false }>;

function emit(name: string, dir: string, { metafile, outputFiles }: Bundled): BundleReport {
  const file = join(dir, 'index.mjs');
  const code = outputFiles.find(({ path }) => path === file);
  const output = metafile.outputs[relative(ROOT, file).split(sep).join('/')];
  if (code === undefined || output === undefined) throw new Error(`expected a bundle of ${name}, got none`);
  if (!output.exports.includes('handler')) throw new Error(`expected ${name} to export handler, got ${output.exports.join(', ') || 'no export'}`); // prettier-ignore

  const inputs = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const shipped = inputs.filter(([path]) => !isLeftOut(path) && !isVirtual(path));
  const packages = bundledPackages(shipped.map(([path]) => join(ROOT, path)));
  const comments = outputFiles.find(({ path }) => path === `${file}.LEGAL.txt`);
  const migrations = outputFiles.find(({ path }) => path === join(dir, MIGRATIONS_FILE));
  const licences = { path: join(dir, 'THIRD_PARTY_LICENSES.txt'), contents: licenceTexts(packages, comments?.text) };
  const written = [licences, migrations, code].filter((each) => each !== undefined);
  for (const { path, contents } of written) replace(path, contents);
  return {
    name,
    file,
    bytes: code.contents.length,
    gzipBytes: gzipSync(code.contents, { level: 9 }).length,
    packages: packages.map((found) => `${found.name}@${found.version}`),
    inputs: inputs.map(([path]) => path).filter((path) => !isVirtual(path)).sort(), // prettier-ignore
    written: written.map(({ path }) => path),
  };
}

/** Writes the file whole or not at all: a process that starts meanwhile must not load half a bundle. */
function replace(file: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}`);
  writeFileSync(draft, contents);
  renameSync(draft, file);
}
