import { describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesAt, roomOf } from '../../tools/words/files';
import { count, passed, placesOf, sum } from '../../tools/words/measures';
import { commentsOf, paragraphsOf } from '../../tools/words/texts';

const textOf = (blocks: ReturnType<typeof commentsOf>): readonly string[] => blocks.map(({ lines }) => lines.join(' '));

describe('the words of a source file', () => {
  test('are those of its comments, whether of a line, of a block or behind code', () => {
    const source = [
      '/** Reads a key. */',
      'export function read(): number {',
      '  // first line',
      '  // second line',
      '  return 1; // behind code',
      '}',
      '/* at the end */',
    ].join('\n');

    expect(commentsOf('read.ts', source)).toEqual([
      { line: 1, lines: ['Reads a key.'] },
      { line: 3, lines: ['first line', 'second line', 'behind code'] },
      { line: 7, lines: ['at the end'] },
    ]);
  });

  test.each([
    ['a string', "const a = 'which // alone';"],
    ['a template', 'const a = `${b} // which ${`// who`}`;'],
    ['a regular expression', 'const a = /[/*]which/.test(b) ? /[//]who/ : /what/;'],
  ])('are never those of %s', (_, source) => {
    expect(commentsOf('a.ts', source)).toEqual([]);
  });

  test('include a comment inside a template', () => {
    expect(textOf(commentsOf('a.ts', 'const a = `${/* inner */ b} which`;'))).toEqual(['inner']);
  });

  test('leave out code in backticks, over a line break too, and tags with the names of their parameters', () => {
    const source =
      '/**\n * Calls `which of\n * what` now.\n *\n * @param who the caller\n * @default - none {@link which}\n */\nf();';

    expect(textOf(commentsOf('a.ts', source))).toEqual(['Calls ` ` ` ` now.', 'the caller', '- none']);
    expect(count(commentsOf('a.ts', source))).toEqual({ words: 5, places: [0, 0, 0] });
  });
});

describe('the words of a page', () => {
  test('leave out blocks of code, code in backticks, addresses and HTML comments', () => {
    const page = [
      '# Title',
      '',
      'See [the page](docs/which.md) and <https://example.invalid/who>, not `what`.',
      '',
      '```ts',
      'where();',
      '```',
      '<!-- which',
      'who -->',
      'The end.',
    ].join('\n');

    expect(paragraphsOf(page)).toEqual([
      { line: 1, lines: ['# Title'] },
      { line: 3, lines: ['See [the page] and , not ` `.'] },
      { line: 10, lines: ['The end.'] },
    ]);
  });

  test('leave out code by its indent, in an item of a list too, but not the further paragraphs of an item', () => {
    const page = [
      'Run:',
      '',
      '    which one',
      '',
      '10. step',
      '',
      '    goes on',
      '',
      '        which one',
      '    SELECT',
    ];

    expect(paragraphsOf(page.join('\n')).flatMap(({ lines }) => lines)).toEqual([
      'Run:',
      '10. step',
      '    goes on',
      '    SELECT',
    ]);
  });

  test('are divided by headings, items and rows of tables', () => {
    expect(paragraphsOf('# Title\n- one\n  goes on\n- two\n| row |\n1. step')).toEqual([
      { line: 1, lines: ['# Title'] },
      { line: 2, lines: ['- one', '  goes on'] },
      { line: 4, lines: ['- two'] },
      { line: 5, lines: ['| row |'] },
      { line: 6, lines: ['1. step'] },
    ]);
  });
});

describe('the measures', () => {
  test('count each word in any case, but no longer word that contains it', () => {
    const { words, places } = count([
      { line: 1, lines: ['Which key? The one whose whole whereabouts are', 'known, where Who? alone'] },
    ]);

    expect({ words, places }).toEqual({ words: 12, places: [3, 1, 1] });
  });

  test('allow the phrases in which a word is right', () => {
    const blocks = [{ line: 1, lines: ['A standalone tool can be left; leave it alone, let alone the rest.'] }];

    expect(count(blocks).places).toEqual([0, 0, 0]);
    expect(placesOf(/\balone\b/gi, blocks[0] ?? { line: 1, lines: [] })).toEqual([]);
  });

  test('are passed above their limit, not at it', () => {
    const names = (places: readonly number[], words = 1000) => passed({ words, places }).map(({ name }) => name);

    expect(names([8, 0, 0])).toEqual([]);
    expect(names([9, 0, 0])).toEqual(['what/which/whose/who']);
    expect(names([0, 1, 1])).toEqual(['where', 'alone']);
    expect(names([0, 1, 0], 2000)).toEqual([]);
    expect(names([0, 0, 0], 0)).toEqual([]);
  });

  test('add up over files', () => {
    expect(sum([count([{ line: 1, lines: ['which one'] }]), count([{ line: 1, lines: ['alone'] }])])).toEqual({
      words: 3,
      places: [1, 0, 1],
    });
  });

  test('name the line of each place and the sentence around it', () => {
    const [block] = commentsOf('a.ts', '\n/**\n * Reads a key. It is the one\n * which signs. It ends.\n */\nf();');

    expect(placesOf(/\bwhich\b/g, block ?? { line: 1, lines: [] })).toEqual([
      { line: 4, sentence: 'It is the one which signs.' },
    ]);
  });
});

describe('the files', () => {
  test('are the sources and pages of the tree, without packages, builds and what a tool generates', () => {
    const root = mkdtempSync(join(tmpdir(), 'words-'));
    const paths = ['API.md', 'README.md', 'a.mjs', 'a.d.ts', 'docs/a.md', 'lib/a.ts', 'lib/a.json'];
    const skipped = ['node_modules/a/a.ts', 'dist/a.ts', '.git/a.md', 'client/dist/a.ts'];
    for (const path of [...paths, ...skipped]) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    }

    expect(
      filesAt(root)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['README.md', 'a.mjs', 'docs/a.md', 'lib/a.ts']);
    expect(filesAt(root, ['lib', 'README.md']).map(({ path }) => path)).toEqual(['lib/a.ts', 'README.md']);
    rmSync(root, { recursive: true });
  });

  test.each([
    ['lambda/seal.ts', 'lambda'],
    ['client/README.md', 'docs'],
    ['.github/pull_request_template.md', 'docs'],
    ['tools/words.ts', 'bin, tools, bench'],
    ['SECURITY.md', 'top-level'],
    ['eslint.config.mjs', 'top-level'],
  ])('%s belongs to the room %s', (path, room) => {
    expect(roomOf(path)).toBe(room);
  });
});
