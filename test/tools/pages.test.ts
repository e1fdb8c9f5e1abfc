import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const PAGES = [
  ...[
    'README.md',
    'SECURITY.md',
    'CONTRIBUTING.md',
    'client/README.md',
    'local/README.md',
    'examples/wallet-backend/README.md',
  ],
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
  ...['adr', 'incidents'].flatMap((folder) =>
    readdirSync(join(ROOT, 'docs', folder)).map((name) => `docs/${folder}/${name}`),
  ),
].filter((name) => name.endsWith('.md'));
const LINK = /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g;
const PATH = /`((?:bench|bin|client|docs|lambda|lib|local|test|tools)\/[\w./-]*\w\/?)`/g;

const read = (path: string): string => readFileSync(path, 'utf8');
const exists = (path: string): boolean =>
  ['', '.ts', '.test.ts'].some((ending) => existsSync(join(ROOT, path + ending)));

/** Returns the anchors that a renderer of Markdown gives to the headings of a page. */
function anchorsOf(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documentation', () => {
  test.each(PAGES)('of %s links only to files and headings that exist', (name) => {
    const dangling = [...read(join(ROOT, name)).matchAll(LINK)].filter(([, file = '', anchor]) => {
      const target = file === '' ? join(ROOT, name) : join(ROOT, dirname(name), file);
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(read(target)).includes(anchor));
    });

    expect(dangling.map(([link]) => link)).toEqual([]);
  });

  // a decision may name the rejected alternative
  test.each(PAGES.filter((name) => !name.startsWith('docs/adr/')))(
    'of %s names only files and folders that exist',
    (name) => {
      const paths = [...read(join(ROOT, name)).matchAll(PATH)].map(([, path = '']) => path);
      // a build creates these files, and a reader adds those
      const expected = paths.filter((path) => !/\/dist\/|NAME/.test(path));

      expect(expected.filter((path) => !exists(path))).toEqual([]);
    },
  );
});

test('docs/architecture.md names every entry point of lambda/', () => {
  const row = /^\| `lambda\/\*\.ts` .*$/m.exec(read(join(ROOT, 'docs', 'architecture.md')))?.[0] ?? '';
  const files = readdirSync(join(ROOT, 'lambda')).filter((name) => name.endsWith('.ts'));

  const named = [...row.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => `${name}.ts`);

  expect(named.sort()).toEqual(files.sort());
});
