import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { lock } from 'proper-lockfile';
import * as v from 'valibot';
import { PASSABLE, passableFolder, writePrivately } from '../services/files';

/** The data folder of a deployment. */
export interface DataFolder {
  readonly dir: string;
  /**
   * Releases the lock of a named folder, or removes a temporary folder.
   *
   * @param failed true after a failed start: removes a named folder too, if this start created it
   */
  release(failed?: boolean): Promise<void>;
}

/**
 * Opens a data folder for this process. Takes over the lock of a killed process. Throws if a live process uses the
 * folder.
 *
 * @param dir a folder that is kept after the run @default - a temporary folder
 */
export async function openFolder(dir: string | undefined): Promise<DataFolder> {
  if (dir === undefined) {
    const temporary = mkdtempSync(join(tmpdir(), 'deployment-'));
    chmodSync(temporary, PASSABLE);
    return {
      dir: temporary,
      release: () => rm(temporary, { recursive: true, force: true }),
    };
  }
  const kept = resolve(dir);
  // the first of the folders that were missing
  const created = passableFolder(kept);
  const unlock = await lockFolder(kept);
  return {
    dir: kept,
    release: async (failed = false) => {
      await unlock();
      if (failed && created !== undefined) await removeCreated(kept, created);
    },
  };
}

/** Removes a folder. Also removes those above it up to `first`, which it was created with, unless others use them too. */
async function removeCreated(folder: string, first: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  if (folder === resolve(first)) return;
  for (let parent = dirname(folder); ; parent = dirname(parent)) {
    const isEmpty = await rmdir(parent).then(
      () => true,
      () => false,
    );
    if (!isEmpty || parent === resolve(first)) return;
  }
}

/** A lock without a refresh for this long is taken over, unless its owner is known to be alive. */
const STALE_MS = 10_000;
const REFRESH_MS = 1_000;
/** Others hold the first lock for milliseconds. If its owner was killed, the retries last until it is stale. */
const RETRIES = { retries: (STALE_MS + 2_000) / 50, factor: 1, minTimeout: 50, maxTimeout: 50 };

const OWNER = v.object({ host: v.string(), pid: v.number(), started: v.optional(v.string()) });
type Owner = v.InferOutput<typeof OWNER>;

/** Locks a folder under a first lock, held meanwhile: without it, two processes could both take over a stale lock. */
async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const release = await lock(join(dir, 'starting'), { realpath: false, stale: STALE_MS, retries: RETRIES });
  try {
    return await lockExclusively(dir);
  } finally {
    await release();
  }
}

async function lockExclusively(dir: string): Promise<() => Promise<void>> {
  const ownerFile = join(dir, 'folder.owner');
  const lockFile = join(dir, 'folder.lock');
  const owner = readOwner(ownerFile);
  const state = owner === undefined ? 'unknown' : stateOf(owner);
  if (existsSync(lockFile) && state === 'alive') throw inUse(owner);
  if (state === 'gone') rmSync(lockFile, { recursive: true, force: true });
  const release = await lock(join(dir, 'folder'), {
    ...{ realpath: false, stale: STALE_MS, update: REFRESH_MS },
    // not caught, so the process ends: two deployments in one folder would destroy each other's data
    onCompromised: (cause) => {
      throw new Error(`expected the lock of the data folder ${dir}, got the folder locked by another process`, {
        cause,
      });
    },
  }).catch((error: unknown) => {
    throw isLocked(error) ? inUse(owner) : error;
  });
  const mine: Owner = { host: hostname(), pid: process.pid, started: startOf(process.pid) };
  writePrivately(ownerFile, Buffer.from(JSON.stringify(mine)));
  return async () => {
    rmSync(ownerFile, { force: true });
    await release();
  };
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED';
}

function inUse(owner: Owner | undefined): Error {
  const by = owner === undefined ? 'another process' : `process ${owner.pid}`;
  return new Error(`expected an unused data folder, got one in use by ${by}: stop it first`);
}

function readOwner(file: string): Owner | undefined {
  try {
    return v.parse(OWNER, JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Returns the state of an owner. It is unknown for a process of another host. */
function stateOf({ host, pid, started }: Owner): 'alive' | 'gone' | 'unknown' {
  if (host !== hostname()) return 'unknown';
  const now = startOf(pid);
  return now !== undefined && now === started ? 'alive' : 'gone';
}

/** Returns the start time of a process, because process ids are reused; undefined if there is no such process. */
function startOf(pid: number): string | undefined {
  if (!exists(pid)) return undefined;
  try {
    if (process.platform !== 'linux') return 'unknown';
    // the 22nd field, counted after the parenthesised name, is the start time in clock ticks since boot
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // the process of another user exists, but takes no signal
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
