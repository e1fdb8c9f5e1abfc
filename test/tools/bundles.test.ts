import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BUNDLES, type BundleReport, HANDLERS, build, bundle, sizeTable } from '../../tools/build/bundle';
import { isAllowed } from '../../tools/build/licences';

const ROOT = join(__dirname, '..', '..');

/** Of a bundle for vaults that use AWS only. Each byte is read and scanned at a cold start. */
const MOST_BYTES = 310_000;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'share-vault-bundles-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** Returns the contents of every file below a folder, by path. */
function contentsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length),
      readFileSync(join(parentPath, name), 'latin1'),
    ]),
  );
}

/** A folder of sources, outside of the repository. */
function sources(files: Record<string, string>): string {
  const folder = mkdtempSync(join(dir, 'sources-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Returns a bundle's exports and their types, as another process sees them. */
function exportsOf(file: string): string {
  const list = `Object.entries(m).map(([name, value]) => name + ': ' + typeof value).join()`;
  const script = `import('${pathToFileURL(file).href}').then((m) => process.stdout.write(${list}))`;
  return execFileSync(process.execPath, ['-e', script], { env: {}, encoding: 'utf8' });
}

const manifest = (members: Record<string, unknown>) => JSON.stringify({ name: 'part', version: '1.2.3', ...members });

/** Returns the source of a handler that uses a package with this manifest and these files. */
const withPackage = (members: Record<string, unknown>, files: Record<string, string>) =>
  join(
    sources({
      'main.ts': `import part from 'part'; export const handler = async () => part;`,
      'node_modules/part/package.json': manifest(members),
      'node_modules/part/index.js': 'export default 42;',
      ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`node_modules/part/${name}`, text])),
    }),
    'main.ts',
  );

describe('the shipped bundles', () => {
  let reports: readonly BundleReport[];
  beforeAll(async () => {
    reports = await build({ outdir: join(dir, 'first') });
  });

  test('have the same bytes when built twice, and no path of the machine', async () => {
    await build({ outdir: join(dir, 'second') });

    const first = contentsOf(join(dir, 'first'));
    expect(Object.keys(first).sort()).toEqual(
      [
        ...BUNDLES.flatMap((name) => [`/${name}/THIRD_PARTY_LICENSES.txt`, `/${name}/index.mjs`]),
        ...['/migrate/migrations.br', '/elsewhere/migrate/migrations.br'],
      ].sort(),
    );
    expect(contentsOf(join(dir, 'second'))).toEqual(first);
    expect(Object.values(first).filter((text) => text.includes(ROOT) || text.includes(dir))).toEqual([]);
    expect(reports.map(({ name }) => name)).toEqual([...BUNDLES]);
  });

  test.each(BUNDLES)('load as an ES module that exports %s’s handler', (name) => {
    expect(exportsOf(join(dir, 'first', name, 'index.mjs'))).toBe('handler: function');
  });

  test('leave the SDK’s chain of credential providers out', () => {
    const packages = reports.flatMap((report) => report.packages);
    expect(packages.filter((name) => name.includes('/credential-provider-'))).toEqual([]);
    expect(packages.some((name) => name.startsWith('@aws-sdk/client-kms@'))).toBe(true);
  });

  test.each(HANDLERS)('of %s has at most 310,000 bytes', (name) => {
    expect(reports.find((report) => report.name === name)?.bytes).toBeLessThanOrEqual(MOST_BYTES);
  });

  test('have only ASCII characters, since one other would double the text that V8 scans', () => {
    const texts = Object.entries(contentsOf(join(dir, 'first'))).filter(([path]) => path.endsWith('.mjs'));

    // eslint-disable-next-line no-control-regex
    expect(texts.filter(([, text]) => /[^\x00-\x7f]/.test(text)).map(([path]) => path)).toEqual([]);
  });

  test('import no module of Node, since an import of node:http would load undici and HTTP/2', () => {
    const imports = Object.entries(contentsOf(join(dir, 'first'))).flatMap(([path, text]) =>
      path.endsWith('.mjs') ? (text.match(/\b(from *|import *\(? *)["'](node:)?[a-z_/]+["']/g) ?? []) : [],
    );

    expect(imports).toEqual([]);
  });

  test('name no package of which they have no code', () => {
    const packages = reports.flatMap((report) => report.packages);

    expect(
      packages.filter((name) => /^(pg-pool|pgpass|split2|pg-connection-string|pg-cloudflare)@/.test(name)),
    ).toEqual([]);
    expect(packages.some((name) => name.startsWith('pg-protocol@'))).toBe(true);
  });

  test('take a test’s plugins', async () => {
    const [variant] = await build({
      outdir: join(dir, 'variant'),
      only: ['seal'],
      plugins: [
        {
          name: 'variant',
          setup: (builder) => builder.onLoad({ filter: /lambda\/seal\.ts$/ }, () => ({ contents: 'export const handler = 1' })), // prettier-ignore
        },
      ],
    });

    expect(variant?.bytes).toBeLessThan(reports[0]?.bytes ?? 0);
  });
});

describe('a bundle', () => {
  test('has the same bytes wherever its sources lie', async () => {
    const entry = sources({
      'main.ts': `import { part } from './part'; export const handler = async () => part;`,
      'part.ts': `export const part = { file: 'part' };`,
    });
    const elsewhere = mkdtempSync(join(dir, 'elsewhere-'));
    cpSync(entry, elsewhere, { recursive: true });

    await bundle({ main: join(entry, 'main.ts') }, { outdir: join(dir, 'here') });
    await bundle({ main: join(elsewhere, 'main.ts') }, { outdir: join(dir, 'there') });

    expect(contentsOf(join(dir, 'there'))).toEqual(contentsOf(join(dir, 'here')));
  });

  test('with pg in it loads, without pg’s native client', async () => {
    const pg = join(ROOT, 'node_modules', 'pg', 'esm', 'index.mjs');
    const entry = sources({ 'main.ts': `export { Client as handler } from ${JSON.stringify(pg)};` });

    const [report] = await bundle({ main: join(entry, 'main.ts') }, { outdir: join(dir, 'pg') });

    expect(exportsOf(report?.file ?? '')).toBe('handler: function');
    expect(readFileSync(report?.file ?? '', 'utf8')).not.toContain('pg-native');
  });

  test('without a handler is refused', async () => {
    const entry = sources({ 'main.ts': `export const main = () => 'no handler';` });

    await expect(bundle({ main: join(entry, 'main.ts') }, { outdir: join(dir, 'none') })).rejects.toThrow(
      'expected main to export handler, got main',
    );
  });

  test('without sources is refused', async () => {
    const missing = bundle({ main: join(dir, 'absent.ts') }, { outdir: join(dir, 'none') });

    await expect(missing).rejects.toThrow('absent.ts');
  });
});

describe('the licences beside a bundle', () => {
  const LICENCE = { license: 'MIT' };

  test('name each package, its version and its own words', async () => {
    const entry = withPackage(LICENCE, { LICENSE: 'Copyright of part', NOTICE: 'Made elsewhere' });

    const [report] = await bundle({ main: entry }, { outdir: join(dir, 'licensed') });

    const text = readFileSync(join(dir, 'licensed', 'main', 'THIRD_PARTY_LICENSES.txt'), 'utf8');
    expect(report?.packages).toEqual(['part@1.2.3']);
    expect(text).toBe('part 1.2.3 (MIT)\n\nCopyright of part\n\nMade elsewhere\n');
  });

  test('hold the comments that the sources want kept', async () => {
    const entry = withPackage(LICENCE, { LICENSE: 'text', 'index.js': '/*! (c) somebody */ export default 42;' });

    await bundle({ main: entry }, { outdir: join(dir, 'commented') });

    const { '/main/THIRD_PARTY_LICENSES.txt': text, '/main/index.mjs': code } = contentsOf(join(dir, 'commented'));
    expect(text).toContain('(c) somebody');
    expect(code).not.toContain('somebody');
  });

  test('are taken from a readme if a package has no file of them', async () => {
    const readme = '# part\n\nwords\n\n## License\n\nPermission is hereby granted to all.\n';

    await bundle({ main: withPackage(LICENCE, { 'README.md': readme }) }, { outdir: join(dir, 'readme') });

    expect(contentsOf(join(dir, 'readme'))['/main/THIRD_PARTY_LICENSES.txt']).toBe(
      'part 1.2.3 (MIT)\n\nPermission is hereby granted to all.\n',
    );
  });

  test.each([
    [
      'of a licence that may not be shipped',
      { license: 'GPL-3.0-only' },
      { LICENSE: 'text' },
      'part@1.2.3: GPL-3.0-only',
    ],
    ['of no licence', {}, { LICENSE: 'text' }, 'part@1.2.3: none stated'],
    ['without a text', { license: 'MIT' }, { 'README.md': '# License\nMIT' }, 'part@1.2.3: MIT, no text'],
  ])('can’t be written for a package %s: nothing is', async (_case, members, files, problem) => {
    const refusal = bundle({ main: withPackage(members, files) }, { outdir: join(dir, 'refused') });

    await expect(refusal).rejects.toThrow(problem);
    expect(readdirSync(dir)).not.toContain('refused');
  });

  test.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND (GPL-2.0-only OR ISC)', true],
    ['Apache-2.0 AND BSD-3-Clause', true],
    ['MIT AND GPL-3.0-only', false],
    ['(MIT AND GPL-3.0-only) OR AGPL-3.0-only', false],
    ['GPL-2.0-only WITH Classpath-exception-2.0', false],
    ['SEE LICENSE IN LICENSE.md', false],
    ['', false],
  ])('of expression "%s" may be shipped: %s', (expression, allowed) => {
    expect(isAllowed(expression)).toBe(allowed);
  });
});

test('the size table is aligned', () => {
  const report = { file: '', packages: [], inputs: [], written: [] };

  const table = sizeTable([
    { ...report, name: 'seal', bytes: 204_800, gzipBytes: 61_440 },
    { ...report, name: 'unseal', bytes: 1_024, gzipBytes: 512 },
  ]);

  expect(table).toBe(['bundle     KB  KB gzip', 'seal    200.0     60.0', 'unseal    1.0      0.5'].join('\n'));
});
