import { spawnSync } from 'node:child_process';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../support/pack';

const OPTIONS = `--noEmit --strict --skipLibCheck false --target es2024 --lib es2024,esnext.disposable --module nodenext --types node --pretty false`;

const CHECK = join(__dirname, 'check-own.cjs');

/**
 * Returns the compiler's errors about sources in a project, with the types of one Node and with checks of our packages'
 * declarations. Those of other packages are read and not checked: that takes three quarters of the time.
 */
export function compile(
  project: string,
  typesOfNode: string,
  sources: Readonly<Record<string, string>>,
): readonly string[] {
  for (const [file, source] of Object.entries(sources)) writeFileSync(join(project, file), source);
  const typeRoots = mkdtempSync(join(tmpdir(), 'share-vault-types-'));
  symlinkSync(join(ROOT, 'node_modules', typesOfNode), join(typeRoots, 'node'));
  const args = [CHECK, ...OPTIONS.split(' '), '--typeRoots', typeRoots, ...Object.keys(sources)];
  const { stdout } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '');
}
