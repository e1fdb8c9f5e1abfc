import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { lock } from 'proper-lockfile';
import * as v from 'valibot';
import { writePrivately } from '../services/files';

/** Others may pass through, as PostgreSQL's own user has to if this runs as root, and list nothing. */
const PASSABLE = 0o711;

/** The folder of a deployment: removed at the end unless it was named. */
export interface DataFolder {
  readonly dir: string;
  /** Gives the folder back; a temporary one is removed. */
  release(): Promise<void>;
}

/**
 * Opens a data folder for this process. Throws if another live process has it; the lock of a killed one is taken over.
 *
 * @param dir kept across runs @default - a temporary folder
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
  mkdirSync(kept, { recursive: true, mode: PASSABLE });
  return { dir: kept, release: await lockFolder(kept) };
}

/** A lock is taken over if it was not refreshed for this long, and its owner is not known to be alive. */
const STALE_MS = 10_000;
const REFRESH_MS = 1_000;
/** Others hold the first lock for milliseconds. If its owner was killed, the retries last until it is stale. */
const RETRIES = { retries: (STALE_MS + 2_000) / 50, factor: 1, minTimeout: 50, maxTimeout: 50 };

const OWNER = v.object({ host: v.string(), pid: v.number(), started: v.optional(v.string()) });
type Owner = v.InferOutput<typeof OWNER>;

/** Two processes could both take over a stale lock. A first lock, held for the time of the second, lets one at a time. */
async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const release = await lock(join(dir, 'starting'), { realpath: false, stale: STALE_MS, retries: RETRIES });
  try {
    return await lockAlone(dir);
  } finally {
    await release();
  }
}

async function lockAlone(dir: string): Promise<() => Promise<void>> {
  const ownerFile = join(dir, 'folder.owner');
  const lockFile = join(dir, 'folder.lock');
  const owner = readOwner(ownerFile);
  const state = owner === undefined ? 'unknown' : stateOf(owner);
  if (existsSync(lockFile) && state === 'alive') throw inUse(owner);
  if (state === 'gone') rmSync(lockFile, { recursive: true, force: true });
  const release = await lock(join(dir, 'folder'), {
    ...{ realpath: false, stale: STALE_MS, update: REFRESH_MS },
    // uncaught: two deployments in one folder would destroy each other's data, so this process ends
    onCompromised: (cause) => {
      throw new Error(`expected to keep the data folder ${dir}, got it locked by another process`, { cause });
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

/** Only the processes of this host are known. */
function stateOf({ host, pid, started }: Owner): 'alive' | 'gone' | 'unknown' {
  if (host !== hostname()) return 'unknown';
  const now = startOf(pid);
  return now !== undefined && now === started ? 'alive' : 'gone';
}

/** Returns when a process started: process ids are used again, start times are not. Undefined if there is none. */
function startOf(pid: number): string | undefined {
  try {
    // throws if there is no such process
    process.kill(pid, 0);
    if (process.platform !== 'linux') return 'unknown';
    // the 22nd field, counted after the parenthesised name, is the start time in clock ticks since boot
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}
