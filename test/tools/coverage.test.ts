import { expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const { projects } = createRequire(__filename)(join(ROOT, 'jest.config.cjs')) as {
  readonly projects: readonly object[];
};

test('the coverage of lambda/ is counted in suites that exist, and every other suite runs without', () => {
  const [counted, others] = projects;
  const suites = readdirSync(join(ROOT, 'test', 'lambda')).filter((name) => name.endsWith('.test.ts'));

  expect(counted).toMatchObject({ testMatch: ['<rootDir>/test/lambda/**/*.test.ts'] });
  expect(counted).not.toHaveProperty('coveragePathIgnorePatterns');
  expect(others).toMatchObject({
    testMatch: ['**/*.test.ts'],
    testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/lambda/'],
    coveragePathIgnorePatterns: ['/'],
  });
  // without a suite no threshold would fail the run
  expect(suites).not.toEqual([]);
});
