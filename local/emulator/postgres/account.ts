import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The system user that PostgreSQL runs as where this process may not run it itself. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Looked up once: each look-up is a process. */
let known: Account | undefined;

/**
 * PostgreSQL refuses to run as root. Root runs it as `postgres` where the machine has that user, else as `nobody`;
 * nobody is added to the machine. `undefined` for everyone else: they run it as themselves.
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

/** The folder on the way to `path`, itself included, that the account can't enter; `undefined` where it reaches it. */
export async function barrier(path: string, account: Account | undefined): Promise<string | undefined> {
  if (account === undefined) return undefined;
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const mask = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & mask) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
