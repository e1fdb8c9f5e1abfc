import { afterEach, expect, test } from '@jest/globals';
import { programName } from '../../../local/cli/describe-deployed';

const [, started = ''] = process.argv;
afterEach(() => {
  delete process.env.SHARE_VAULT_PROGRAM;
  process.argv[1] = started;
});

test.each([
  ['npx share-vault', '/node_modules/share-vault-local/dist/cli.cjs', 'share-vault'],
  ['npx share-vault-local', '/node_modules/share-vault-local/dist/cli.cjs', ''],
  ['npx share-vault-local', '/node_modules/share-vault-local/dist/cli.cjs', 'rm -rf'],
  ['npx tsx local/cli.ts', '/checkout/local/cli.ts', ''],
])('examples begin with %s if %s was started by %j', (expected, file, by) => {
  process.argv[1] = file;
  process.env.SHARE_VAULT_PROGRAM = by;

  expect(programName()).toBe(expected);
});
