import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { blocksIn } from './blocks';

const BLOCKS = blocksIn('hcl').map(({ page, line, text }) => [`${page}, line ${line}`, text] as const);
const PAIRS: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/** Returns the first bracket that has no partner, undefined if each has one. Ignores texts in quotes and heredocs. */
function unpaired(text: string): string | undefined {
  const open: string[] = [];
  const code = text.replaceAll(/<<-(\w+)\n[^]*?\n\s*\1\n/g, '').replaceAll(/"(\\.|[^"\\])*"/g, '');
  for (const bracket of code.match(/[()[\]{}]/g) ?? []) {
    const partner = PAIRS.get(bracket);
    if (partner === undefined) open.push(bracket);
    else if (open.pop() !== partner) return bracket;
  }
  return open.at(-1);
}

describe('the Terraform blocks of the pages', () => {
  test.each(BLOCKS)('of %s have paired brackets', (_where, text) => {
    expect(unpaired(text)).toBeUndefined();
  });

  test.each(BLOCKS)('of %s are as terraform formats them, if it is installed', (_where, text) => {
    const { error, status, stdout } = spawnSync('terraform', ['fmt', '-'], { input: text, encoding: 'utf8' });
    const formatted = error === undefined ? { status, stdout } : { status: 0, stdout: text };

    expect(formatted).toEqual({ status: 0, stdout: text });
  });
});

test.each([
  ['resource "a" "b" {', '{'],
  ['a = [1, 2)', ')'],
  ['a = "}" }', '}'],
])('a block like %s has a bracket without a partner', (text, bracket) => {
  expect(unpaired(text)).toBe(bracket);
});
