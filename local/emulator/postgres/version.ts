import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readIfExists } from './files';

const run = promisify(execFile);

/** Returns the version that a program of PostgreSQL prints, such as `17.9`. */
export async function versionOf(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version'], { env: { LC_ALL: 'C' } });
  const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`expected ${program} to print its version, got none`);
  return version;
}

/** Throws if another major version created the data directory: this one can't read it. */
export async function requireSameMajor(cluster: string, postgres: string): Promise<void> {
  const made = (await readIfExists(join(cluster, 'PG_VERSION')))?.trim() ?? 'an unknown version';
  const major = (await versionOf(postgres)).split('.')[0];
  if (made === major) return;
  throw new Error(
    `expected a data folder made by PostgreSQL ${major}, got one made by ${made} in ${cluster}: name another folder`,
  );
}
