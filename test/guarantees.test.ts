import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
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

/** Returns the titles in a file, each also up to its first placeholder. */
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

describe("the table of an administrator's actions in SECURITY.md", () => {
  const lib = ['change-alarms.ts', ...readdirSync(join(ROOT, 'lib', 'private')).map((name) => join('private', name))]
    .map((name) => readFileSync(join(ROOT, 'lib', name), 'utf8'))
    .join('\n');
  const statements = ['scp.json', 'scp-changes.json', 'scp-roles.json'].flatMap((name) => {
    const policy = readFileSync(join(ROOT, 'docs', name), 'utf8');
    return [...policy.matchAll(/"Sid": "(\w+)"/g)].map(([, sid = '']) => sid);
  });
  const rows = [...page.matchAll(/^\| ([A-Z].+?) \|(.+?)\|(.+?)\|(.+?)\|$/gm)].map(
    ([, , , alarm = '', policy = '']) => ({
      alarms: [...alarm.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
      statements: [...policy.matchAll(/`(Deny\w+)`/g)].map(([, sid = '']) => sid),
    }),
  );

  test('names only alarms of rules that lib/ creates', () => {
    const alarms = rows.flatMap((row) => row.alarms);

    expect(alarms.length).toBeGreaterThan(15);
    expect(alarms.filter((name) => !new RegExp(`['}\`]${name}['\`$]`).test(lib))).toEqual([]);
  });

  test('names every statement of the sample service control policies that denies an action, and no other', () => {
    const named = new Set(rows.flatMap((row) => row.statements));

    expect([...named, 'DenyBreakGlassChange'].sort()).toEqual([...statements].sort());
  });
});
