import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const ESLINT = join(ROOT, 'node_modules/eslint/bin/eslint.js');

/**
 * ESLint's arguments for each part of the repository. ESLint keeps the types of all files that it has read, 4 GB for the
 * whole repository: each part gets a process of its own. `test/floor` is another project, with another version of
 * the CDK.
 */
const PARTS = [
  ['.', '--ignore-pattern', 'test'],
  ['test', '--ignore-pattern', 'test/floor', '--ignore-pattern', 'test/lambda'],
  ['test/lambda'],
  ['test/floor'],
] as const;

/** Node's own limit follows from the machine's memory. A part was measured to take at most 2.9 GB in all. */
const HEAP = '--max-old-space-size=4096';

/** A part of `npm run lint`: runs ESLint on one part after the other, and fails if one of them failed. */
function main(): number {
  const codes = PARTS.map(
    (part) =>
      spawnSync(process.execPath, [HEAP, ESLINT, '--max-warnings', '0', ...part], { cwd: ROOT, stdio: 'inherit' })
        .status,
  );
  return codes.every((code) => code === 0) ? 0 : 1;
}

process.exitCode = main();
