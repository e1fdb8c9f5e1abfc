import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The system user for PostgreSQL if this process runs as root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The result of the look-up, kept because each look-up starts processes. */
let known: Account | undefined;

/**
 * Returns the user for PostgreSQL if this process is root, because PostgreSQL refuses to run as root: `postgres` if the
 * machine has that user, otherwise `nobody`. Creates no user. Returns undefined for any other user.
 */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  known ??= lookUp('postgres') ?? lookUp('nobody');
  if (known !== undefined) return known;
  throw new Error('expected a user postgres or nobody to run PostgreSQL as, got neither');
}

function lookUp(name: string): Account | undefined {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { name, uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** Returns the first of `path` and its parents that the account can't enter; undefined if it can enter all. */
export async function closedFolder(path: string, account: Account | undefined): Promise<string | undefined> {
  if (account === undefined) return undefined;
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const mask = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & mask) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
