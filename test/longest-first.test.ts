import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import LongestFirst from './support/longest-first.cjs';

const ROOT = join(__dirname, '..');

/** Suites as Jest passes them: nothing is known of their durations. */
const suitesOf = (sizes: Readonly<Record<string, number>>) =>
  Object.keys(sizes).map((name) => ({
    path: join(ROOT, name),
    context: {
      config: { rootDir: ROOT, cache: false },
      hasteFS: { getSize: (path: string) => sizes[path.slice(ROOT.length + 1)] },
    },
  }));

describe('the order of suites', () => {
  test.each(LongestFirst.LONGEST)('names a suite that exists: %s', (name) => {
    expect(existsSync(join(ROOT, name))).toBe(true);
  });

  test('starts with the longest suites, whatever the sizes of their files are, and continues with the largest files', () => {
    const [longest = '', second = ''] = LongestFirst.LONGEST;
    const suites = suitesOf({ 'test/small.test.ts': 10, [second]: 1, 'test/large.test.ts': 1000, [longest]: 2 });

    expect(new LongestFirst().sort(suites).map(({ path }) => path.slice(ROOT.length + 1))).toEqual([
      longest,
      second,
      'test/large.test.ts',
      'test/small.test.ts',
    ]);
  });
});
