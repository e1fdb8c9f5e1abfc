import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Bytes read at a time: small, so that blank pages, of which a process has many, are passed over quickly. */
const CHUNK = 64 * 1024;
/** Parts that lie across two chunks are found by the overlap. */
const OVERLAP = 64;
const PART = 24;
const LONGEST_PART = 2 * PART;

export interface MemoryScan {
  /** bytes of memory that were not blank, and were searched */
  readonly searched: number;
  /** places where a part of a secret, raw or in base64, was found */
  readonly copies: number;
}

/**
 * Reads all writable memory of another process but compiled code (Linux: /proc/PID/maps and mem) and counts the parts of the secrets that
 * are found in it, raw and in base64. The process is not stopped, and nothing in it is collected first.
 */
export function scanMemory(pid: number, secrets: readonly Uint8Array[]): MemoryScan {
  const index = indexOf(secrets.flatMap(partsOf));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.allocUnsafeSlow(CHUNK + OVERLAP);
  let [searched, copies] = [0, 0];
  try {
    for (const { start, end } of writableRegions(pid)) {
      for (let at = start; at < end; at += CHUNK) {
        const length = readAt(memory, chunk, at, Math.min(chunk.length, end - at));
        if (length === 0 || isBlank(chunk.subarray(0, length))) continue;
        searched += length;
        copies += countParts(chunk.subarray(0, length), index);
      }
    }
  } finally {
    closeSync(memory);
  }
  return { searched, copies };
}

/** Every 24 bytes of a secret, also as a string of two-byte characters, and the base64 of each at any alignment. */
function partsOf(secret: Uint8Array): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at + PART <= secret.length; at += PART) {
    const part = Buffer.from(secret.subarray(at, at + PART));
    parts.push(part, Buffer.from(part.toString('latin1'), 'utf16le'));
    for (const skip of [0, 1, 2]) {
      const aligned = part.subarray(skip, skip + 21);
      parts.push(Buffer.from(aligned.toString('base64')), Buffer.from(aligned.toString('base64url')));
    }
  }
  return parts;
}

interface Index {
  /** by the first two bytes: whether any part begins so, which is asked at every byte of the memory */
  readonly begins: Uint8Array;
  /** by the first four bytes */
  readonly parts: ReadonlyMap<number, readonly Buffer[]>;
}

function indexOf(parts: readonly Buffer[]): Index {
  const begins = new Uint8Array(65_536);
  for (const part of parts) begins[part.readUInt16LE()] = 1;
  return { begins, parts: Map.groupBy(parts, (part) => part.readUInt32LE()) };
}

function countParts(memory: Buffer, { begins, parts }: Index): number {
  let count = 0;
  let two = (memory[0] ?? 0) << 8;
  for (let at = 1; at < memory.length - LONGEST_PART; at += 1) {
    two = (two >> 8) | ((memory[at] ?? 0) << 8);
    if (begins[two] === 0) continue;
    const candidates = parts.get(memory.readUInt32LE(at - 1)) ?? [];
    count += candidates.filter((part) => memory.subarray(at - 1, at - 1 + part.length).equals(part)).length;
  }
  return count;
}

const BLANK = Buffer.alloc(CHUNK + OVERLAP);
function isBlank(memory: Buffer): boolean {
  return memory.equals(BLANK.subarray(0, memory.length));
}

function writableRegions(pid: number): readonly { readonly start: number; readonly end: number }[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const groups = /^(?<start>[0-9a-f]+)-(?<end>[0-9a-f]+) rw-/.exec(line)?.groups;
      return groups === undefined ? [] : [{ start: Number(`0x${groups.start}`), end: Number(`0x${groups.end}`) }];
    });
}

/** Regions that went away, or that only the kernel may read, count as empty. */
function readAt(memory: number, into: Buffer, at: number, length: number): number {
  try {
    return readSync(memory, into, 0, length, at);
  } catch {
    return 0;
  }
}
