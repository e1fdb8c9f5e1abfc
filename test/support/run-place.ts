import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'share-vault-test-';
/** Linux keeps its files in memory. Suites copy and remove a database of 50 MB hundreds of times. */
const MEMORY = '/dev/shm';
/** Several times what a complete run needs at once. */
const ROOM_BYTES = 4 * 1024 ** 3;

/** Creates a folder for a run: in memory if it has enough room, else among the temporary files. */
export function createRunFolder(memory = MEMORY, bytes = ROOM_BYTES): string {
  if (roomOf(memory) < bytes) return mkdtempSync(join(tmpdir(), PREFIX));
  removeFoldersOfEndedRuns(memory);
  return mkdtempSync(join(memory, `${PREFIX}${process.pid}-`));
}

function roomOf(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/** A killed run removes nothing, and memory is scarcer than a disk. */
function removeFoldersOfEndedRuns(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /^share-vault-test-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !runs(Number(pid))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // any other code: a process of another user
    return Reflect.get(Object(error), 'code') !== 'ESRCH';
  }
}
