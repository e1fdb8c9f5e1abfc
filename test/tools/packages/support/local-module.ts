import { describe, expect, test } from '@jest/globals';
import { readFileSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, runIn } from '../../../support/pack';
import { compile } from './compile';

/** The examples of docs/local-vault.md, as they stand: the first is for Jest, the second for Vitest. */
const [JEST = '', VITEST = ''] = [
  ...readFileSync(join(ROOT, 'docs', 'local-vault.md'), 'utf8').matchAll(/^```ts\n([^]*?)^```$/gm),
].map(([, code]) => code);
/** Both runners have these functions under the same names, and only Jest is installed here. */
const EXAMPLES = { 'jest.test.ts': JEST, 'vitest.test.ts': VITEST.replace("'vitest'", "'@jest/globals'") };
/** Jest's own settings, but a transformer for TypeScript, and time for a busy machine. */
const CONFIG = {
  testTimeout: 180_000,
  transform: { '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
};
const WRONG = [
  `import { startLocalVault } from '@cdk-share-vault/local';`,
  `void startLocalVault({ port: '1' });`,
  `void startLocalVault().then((vault) => vault.actor('receive'));`,
];
const PRINT = `startLocalVault({ template: 'none' }).catch((error) => process.stdout.write(error.message));`;

/** Tests the module of the local vault's package, installed in a project beside the client. */
export function testLocalModule(projectOf: () => string): void {
  describe('has a module for tests', () => {
    test('whose examples a strict compiler accepts, and whose types refuse wrong options', () => {
      link(projectOf(), '@jest/globals');

      expect(compile(projectOf(), '@types/node', { ...EXAMPLES, 'wrong-local.mts': WRONG.join('\n') })).toEqual([
        expect.stringMatching(/^wrong-local\.mts\(2,\d+\): error TS\d+: Type 'string'/),
        expect.stringMatching(/^wrong-local\.mts\(3,\d+\): error TS\d+: Argument of type '"receive"'/),
      ]);
    });

    test('whose examples Jest runs in its default environment', () => {
      const project = projectOf();
      for (const name of ['@jest/globals', '@swc/jest']) link(project, name);
      for (const [file, code] of Object.entries(EXAMPLES)) writeFileSync(join(project, file), code);
      // without one, Jest takes a folder above for the project
      writeFileSync(join(project, 'package.json'), '{"private":true}');
      const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');

      expect(() => runIn(project, [jest, '--ci', '--config', JSON.stringify(CONFIG), '-w', '2'])).not.toThrow();
    });

    test.each([
      ['import', 'start.mjs', `import { startLocalVault } from '@cdk-share-vault/local';`],
      ['require', 'start.cjs', `const { startLocalVault } = require('@cdk-share-vault/local');`],
    ])('that %s loads, and that rejects with the reason of a failed start', (_how, file, load) => {
      writeFileSync(join(projectOf(), file), `${load}\n${PRINT}`);

      expect(runIn(projectOf(), [file])).toMatch(/none: expected a file that can be read, got none$/);
    });
  });
}

/** Installs a package of this repository in a project. */
function link(project: string, name: string): void {
  const path = join(project, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  try {
    symlinkSync(join(ROOT, 'node_modules', name), path);
  } catch {
    // an earlier test has
  }
}
