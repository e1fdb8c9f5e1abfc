import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Takes a data folder for this process, or throws where another live one has it. A lock whose process is gone, killed
 * or crashed, is nobody's and is taken over. Returns what gives the folder back.
 */
export function lockFolder(dir: string): () => void {
  const file = join(dir, 'vault.lock');
  const mine = identity(process.pid);
  const holder = readHolder(file);
  if (holder !== undefined && identity(holder.pid) === holder.identity) {
    throw new Error(`expected an unused data folder, got one in use by process ${holder.pid}: stop it first`);
  }
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify({ pid: process.pid, identity: mine }), { flag: 'wx', mode: 0o600 });
  return () => rmSync(file, { force: true });
}

function readHolder(file: string): { readonly pid: number; readonly identity: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { pid: number; identity: string };
  } catch {
    return undefined;
  }
}

/** Which process of this number it is: process ids are used again, start times are not. Undefined where there is none. */
function identity(pid: number): string | undefined {
  try {
    // throws where there is no such process
    process.kill(pid, 0);
    if (process.platform !== 'linux') return 'alive';
    // the 22nd field, counted after the parenthesised name, is the start time in clock ticks since boot
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}
