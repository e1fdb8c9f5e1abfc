import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Returns the words that a command needs in front of it to run under a user id with a name, as `initdb` and the
 * single-user mode of `postgres` require. They are empty if this process's user has a name. A container's user often has
 * none: then a user namespace shows its id as that of a named user; its files stay those of this user. Throws if the
 * system allows no user namespaces.
 */
export async function namingPrefix(): Promise<readonly string[]> {
  if (hasName()) return [];
  const uid = process.getuid?.() ?? 0;
  const named = /^[^:\n]+:[^:\n]*:([1-9]\d*):(\d+):/m.exec(await readFile('/etc/passwd', 'utf8'));
  const prefix = ['unshare', '--user', `--map-user=${named?.[1] ?? ''}`, `--map-group=${named?.[2] ?? ''}`, '--'];
  const works = named !== null && (await run(prefix[0] ?? '', [...prefix.slice(1), 'true']).then(yes, no));
  if (works) return prefix;
  throw new Error(
    `expected a name for the user id ${uid}, which PostgreSQL needs to create a data folder, got neither an entry in /etc/passwd nor user namespaces (unshare): add an entry, or create the folder as another user`,
  );
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

const yes = (): boolean => true;
const no = (): boolean => false;
