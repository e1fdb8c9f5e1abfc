import { afterEach, expect, test } from '@jest/globals';
import { programName } from '../../../local/cli/printed-names';

const [, started = ''] = process.argv;
afterEach(() => {
  delete process.env.SHARE_VAULT_PROGRAM;
  process.argv[1] = started;
});

test.each([
  ['npx --no-install share-vault', '/node_modules/@cdk-share-vault/local/dist/cli.cjs', 'share-vault'],
  ['npx --no-install share-vault-local', '/node_modules/@cdk-share-vault/local/dist/cli.cjs', ''],
  ['npx --no-install share-vault-local', '/node_modules/@cdk-share-vault/local/dist/cli.cjs', 'rm -rf'],
  ['npx --no-install tsx local/cli.ts', '/checkout/local/cli.ts', ''],
])('examples begin with %s if %s was started by %j', (expected, file, by) => {
  process.argv[1] = file;
  process.env.SHARE_VAULT_PROGRAM = by;

  expect(programName()).toBe(expected);
});
