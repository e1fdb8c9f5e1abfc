import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { countSecrets } from '../../../support/scan';

/** Read at once; neighbours overlap, so that nothing is missed between them. */
const WINDOW_BYTES = 16 * 1024 * 1024;
const OVERLAP_BYTES = 256;

interface Region {
  readonly from: number;
  readonly to: number;
}

/** Whether a process of this user holds the secret, in any shape, in memory that it writes, compiled code left out. Linux alone. */
export function memoryHolds(secret: Uint8Array, pid: number): boolean {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    return windowsOf(pid).some((window) => countSecrets(read(memory, window), [secret]) > 0);
  } finally {
    closeSync(memory);
  }
}

function windowsOf(pid: number): readonly Region[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw-/.exec(line) ?? [];
    return from === undefined || to === undefined ? [] : split(Number.parseInt(from, 16), Number.parseInt(to, 16));
  });
}

function split(from: number, to: number): readonly Region[] {
  const starts = Array.from({ length: Math.ceil((to - from) / WINDOW_BYTES) }, (_, i) => from + i * WINDOW_BYTES);
  return starts.map((start) => ({ from: start, to: Math.min(start + WINDOW_BYTES + OVERLAP_BYTES, to) }));
}

function read(memory: number, { from, to }: Region): Buffer {
  const window = Buffer.alloc(to - from);
  return window.subarray(0, readSync(memory, window, 0, window.length, from));
}
