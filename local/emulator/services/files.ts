import { chmodSync, closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Creates a folder that only its owner may enter. */
export function privateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Other users may traverse the folder but not list it. */
export const PASSABLE = 0o711;

/**
 * Creates a folder and its missing parents. If this runs as root, other users may traverse them, whatever the umask is:
 * PostgreSQL's own user has to. Returns the first of the folders that were missing.
 */
export function passableFolder(path: string): string | undefined {
  const first = mkdirSync(path, { recursive: true, mode: PASSABLE });
  if (first === undefined || process.getuid?.() !== 0) return first;
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    chmodSync(folder, PASSABLE);
    if (folder === resolve(first) || folder === dirname(folder)) return first;
  }
}

/**
 * Writes a file that only its owner may read. The write is atomic: it flushes a new file beside it, renames that over
 * it and flushes the folder, so that a crash leaves the old content or the new.
 *
 * @param draft path of the new file: an existing one is replaced
 */
export function writePrivately(path: string, content: Uint8Array, draft = `${path}.new`): void {
  const file = openSync(draft, 'w', 0o600);
  try {
    // a draft that a crash left behind keeps its old mode
    fchmodSync(file, 0o600);
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
