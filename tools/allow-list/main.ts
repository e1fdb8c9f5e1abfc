import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import features from '../../local/audit/allow-list/features.json';
import { useTemporaryFolder } from '../temporary';
import { generate } from './generate';
import { synthesizeMatrix } from './synthesize';
import { TUNABLES } from './tunables';

const ROOT = join(__dirname, '..', '..');
const FILE = join(ROOT, 'local', 'audit', 'allow-list', 'roles.json');

/** Runs `npm run allow-list`: takes the allow-list of resources from the reviewed vaults. Review the file's diff. */
async function main(): Promise<void> {
  useTemporaryFolder();
  const { roles, problems } = generate(synthesizeMatrix(), features, TUNABLES);
  if (problems.length > 0)
    throw new Error(`expected an explanation of every difference, got none of\n${problems.join('\n')}`);
  const options = JSON.parse(readFileSync(join(ROOT, '.prettierrc.json'), 'utf8')) as object;
  writeFileSync(FILE, await format(JSON.stringify(roles), { ...options, parser: 'json' }));
  console.log(`${Object.keys(roles).length} resources in ${FILE}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
