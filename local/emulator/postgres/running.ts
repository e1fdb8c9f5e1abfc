import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfExists } from './files';

/** Time limit of each step to stop a server: by itself, fast, immediately, killed. */
const STOP_TIMEOUT_MS = 3_000;

/**
 * Prepares a data directory for a start: removes the lock file of a dead server, and stops a server that outlived its
 * starter. Throws if the folder is in use.
 */
export async function releaseCluster(cluster: string): Promise<void> {
  const pid = await recordedPid(cluster);
  if (pid === undefined) return;
  if (!isServerOf(pid, cluster)) {
    // PostgreSQL takes any live process with that id for a server of the folder
    await rm(join(cluster, 'postmaster.pid'), { force: true });
    return;
  }
  // if its starter was just killed, its watcher stops it
  if (await exitsWithin(pid, cluster, STOP_TIMEOUT_MS)) return;
  if (isServerOf(parentOf(pid), cluster)) {
    throw new Error(`expected an unused data folder, got one in use by PostgreSQL (process ${pid}): stop it first`);
  }
  await stopServer(pid, cluster);
}

/** Stops a server fast (it rolls back open transactions); immediately, then by a kill, if that takes too long. */
export async function stopServer(pid: number, cluster: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!isServerOf(pid, cluster)) return;
    sendSignal(pid, signal);
    if (await exitsWithin(pid, cluster, STOP_TIMEOUT_MS)) return;
  }
  throw new Error(`expected PostgreSQL (process ${pid}) to stop, got it still running`);
}

/** A process may end just before. */
function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Returns the server's process id from its lock file. */
export async function recordedPid(cluster: string): Promise<number | undefined> {
  const pid = Number((await readIfExists(join(cluster, 'postmaster.pid')))?.split('\n')[0]);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

/** Checks the eighth line of the lock file: it is `ready` once the server accepts connections. */
export async function acceptsConnections(cluster: string): Promise<boolean> {
  try {
    return (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

async function exitsWithin(pid: number, cluster: string, withinMs: number): Promise<boolean> {
  for (const end = Date.now() + withinMs; isServerOf(pid, cluster);) {
    if (Date.now() > end) return false;
    await sleep(20);
  }
  return true;
}

/** Checks that a process's arguments name the folder, because a process id can be reused. */
function isServerOf(pid: number | undefined, cluster: string): boolean {
  return pid !== undefined && processField(pid, 'args').includes(cluster);
}

function parentOf(pid: number): number | undefined {
  const parent = Number(processField(pid, 'ppid'));
  return parent > 1 ? parent : undefined;
}

function processField(pid: number, field: 'args' | 'ppid'): string {
  try {
    if (process.platform !== 'linux') return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)]).toString();
    if (field === 'args') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
