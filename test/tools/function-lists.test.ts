import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Operation } from '../../lib/operation';
import { HANDLERS } from '../../lib/private/bundle';

const ROOT = join(__dirname, '..', '..');
/** Functions that actors call. */
const CALLED: readonly string[] = Object.values(Operation);

const filesIn = (folder: string, ending: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.endsWith('.d.ts') && !name.includes('node_modules'))
    .map((name) => join(ROOT, folder, name));
const FILES = [
  ...['lib', 'lambda', 'client', 'local', 'bin', 'tools'].flatMap((folder) => filesIn(folder, '.ts')),
  ...filesIn('docs', '.md'),
  ...['README.md', 'SECURITY.md'].map((name) => join(ROOT, name)),
];

/**
 * Returns the functions that each sentence lacks which lists the functions: it names several, and among them those that
 * only a whole list has. A list with one that nobody calls as an actor is a list of all functions.
 */
function lackingIn(text: string): readonly (readonly string[])[] {
  // a comment's lines begin with an asterisk, and a table's cells end with a bar
  const sentences = text.replaceAll(/\n[ \t]*\*? */g, ' ').split(/(?<=[.;:]) (?=[A-Z`])|\|/);
  return sentences.flatMap((sentence) => {
    const named = new Set([...sentence.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name));
    const known = HANDLERS.filter((name) => named.has(name));
    if (known.length < 5 || !['properties', 'audit'].every((name) => named.has(name))) return [];
    const wanted = known.every((name) => CALLED.includes(name)) ? CALLED : HANDLERS;
    const lacking = wanted.filter((name) => !named.has(name));
    return lacking.length === 0 ? [] : [lacking];
  });
}

describe('a sentence that lists the functions of a vault', () => {
  test('names all of them, or all that actors call', () => {
    const found = FILES.flatMap((file) =>
      lackingIn(readFileSync(file, 'utf8')).map((lacking) => `${relative(ROOT, file)} lacks ${lacking.join(', ')}`),
    );

    expect(found).toEqual([]);
  });

  test.each([
    ['`seal`, `unseal`, `revoke`, `properties`, `audit`', [['freeze', 'thaw']]],
    [
      '`seal`, `unseal`, `revoke`, `properties`,\n   * `audit`, `freeze`, `thaw`, `migrate`.',
      [['receive', 'reseal', 'restore-check']],
    ],
    ['`seal`, `unseal`, `revoke`, `properties`, `audit`, `freeze` and `thaw`', []],
    ['One for `seal` and `receive`, one for `unseal`, one for `revoke` and `migrate`.', []],
    ['`seal`, `unseal`. `revoke`, `properties`, `audit`', []],
  ])('is found in %j with what it lacks', (text, lacking) => {
    expect(lackingIn(text)).toEqual(lacking);
  });
});
