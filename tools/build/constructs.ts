import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/**
 * Compiles `lib/` with jsii into `dist/cdk`, and writes the assembly `.jsii`. Never in place: jest, tsx and the command
 * line would have two versions of a file to choose from. Throws the compiler's messages.
 */
export function buildConstructs(): void {
  // else the output of a deleted source would be packed
  rmSync(join(ROOT, 'dist', 'cdk'), { recursive: true, force: true });
  const jsii = join(dirname(require.resolve('jsii/package.json')), 'bin', 'jsii');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [jsii, '--fail-on-warnings', '--generate-tsconfig', 'tsconfig.jsii.json'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`expected jsii to compile lib/, got\n${stdout}${stderr}`);
}
