import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The clock of a file system may be behind. */
const CLOCK_MARGIN_MS = 1_000;

/** Absolute paths. A folder is compared by the names in it: a new file there may change the result. */
export interface Build {
  readonly read: readonly string[];
  readonly written: readonly string[];
}

/**
 * Runs a build unless all that it read and wrote is as its last run left it. Contents are compared, not times: after a
 * checkout of another branch and back, nothing is built. The digests are kept in the file `record`.
 */
export async function buildUnlessCurrent(record: string, build: () => Promise<Build>): Promise<void> {
  if (isCurrent(record)) return;
  rmSync(record, { force: true });
  const started = Date.now();
  const { read, written } = await build();
  // a source that was saved meanwhile may have been read before: the next run builds again
  if (read.some((path) => existsSync(path) && statSync(path).mtimeMs >= started - CLOCK_MARGIN_MS)) return;
  const digests = Object.fromEntries([...read, ...written].map((path) => [path, digestOf(path)]));
  mkdirSync(dirname(record), { recursive: true });
  writeFileSync(`${record}.${process.pid}`, JSON.stringify(digests));
  renameSync(`${record}.${process.pid}`, record);
}

function isCurrent(record: string): boolean {
  try {
    const digests = JSON.parse(readFileSync(record, 'utf8')) as Readonly<Record<string, string>>;
    return Object.entries(digests).every(([path, digest]) => digestOf(path) === digest);
  } catch {
    return false;
  }
}

/** Returns the SHA-256 of a file's bytes or of the names in a folder, or `absent`. */
function digestOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'absent';
  const names = (): string => readdirSync(path, { recursive: true, encoding: 'utf8' }).sort().join('\n');
  return createHash('sha256')
    .update(stats.isDirectory() ? names() : readFileSync(path))
    .digest('hex');
}
