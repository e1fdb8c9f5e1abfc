import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { lockFolder } from './lock';

/** Others may pass through, as PostgreSQL's own user has to where this runs as root, and see nothing. */
const PASSABLE = 0o711;

/** Where a vault on this machine keeps everything: its own alone, and gone afterwards unless a place was named. */
export interface DataFolder {
  readonly dir: string;
  /** Gives the folder back; a temporary one is removed. */
  release(): void;
}

/** @param dir kept across runs; a temporary folder where absent */
export function openFolder(dir: string | undefined): DataFolder {
  if (dir === undefined) {
    const temporary = mkdtempSync(join(tmpdir(), 'share-vault-'));
    chmodSync(temporary, PASSABLE);
    return { dir: temporary, release: () => rmSync(temporary, { recursive: true, force: true }) };
  }
  const kept = resolve(dir);
  mkdirSync(kept, { recursive: true, mode: PASSABLE });
  const unlock = lockFolder(kept);
  return { dir: kept, release: unlock };
}
