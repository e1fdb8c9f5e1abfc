import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const SECTION = /^## Guarantees.*?\n([^]*?)^## /m;
/** A title of a suite or a test: the first argument of its call, as it is written in the file. */
const TITLE = /(?:\b(?:describe|suite|test)(?:\.\w+)?|\)|>)\(\s*(['"`])((?:\\.|(?!\1)[^\\])+)\1,/g;

const page = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
const guarantees = (SECTION.exec(page)?.[1] ?? '').split(/^- /m).slice(1);

interface Held {
  readonly file: string;
  readonly titles: readonly string[];
}

/** Returns the tests that a guarantee names: `file`: _title_; _suite › test_ */
function heldBy(guarantee: string): readonly Held[] {
  return [...guarantee.matchAll(/Held by `([^`]+)`:([^]*?)(?=\n {2}- |$(?![^]))/g)].map(
    ([, file = '', titles = '']) => ({
      file,
      titles: [...titles.replace(/\s+/g, ' ').matchAll(/ _(.+?)_(?:;|\s*$)/g)].flatMap(([, title = '']) =>
        title.replaceAll('\\', '').split(' › '),
      ),
    }),
  );
}

/** The titles in a file, each also up to its first placeholder. */
function titlesIn(file: string): ReadonlySet<string> {
  const path = join(ROOT, file);
  const source = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const titles = [...source.matchAll(TITLE)].map(([, , title = '']) => title.replace(/\\(.)/g, '$1'));
  return new Set(titles.flatMap((title) => [title, title.replace(/\s*[%$].*/, '')]));
}

describe('a guarantee of SECURITY.md', () => {
  test('names at least one test', () => {
    expect(guarantees.length).toBeGreaterThan(20);
    expect(guarantees.filter((each) => heldBy(each).every(({ titles }) => titles.length === 0))).toEqual([]);
  });

  test('names only tests that exist, each by the title that it has in its file', () => {
    const named = guarantees.flatMap(heldBy);
    const missing = named.flatMap(({ file, titles }) => {
      const known = titlesIn(file);
      return titles.filter((title) => title === '' || !known.has(title)).map((title) => `${file}: ${title}`);
    });

    expect(missing).toEqual([]);
    expect(named.filter(({ file, titles }) => !existsSync(join(ROOT, file)) || titles.length === 0)).toEqual([]);
  });
});
