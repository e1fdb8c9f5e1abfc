import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Size of one read, in bytes. */
const CHUNK = 1024 * 1024;
const PAGE = 4_096;
const PAGEMAP_ENTRY = 8;
/** Size of a compared word, in bytes. */
const WORD = 4;
/** In the last byte of a page's entry: the page is present, or swapped out. */
const IN_USE = 0xc0;
/** Overlap of two chunks, so that the search finds parts that span both. */
const OVERLAP = 64;
/** Length of a part: the fewest bytes that never occur by chance. */
const PART = 16;

export interface MemoryScan {
  /** bytes of used memory that were searched */
  readonly searched: number;
  /** number of found parts of secrets, raw or in base64 */
  readonly copies: number;
  /** those that are not in base64 */
  readonly raw: number;
}

/**
 * Reads all writable memory of another process but compiled code (Linux: /proc/PID/maps and mem) and counts the parts of the secrets that
 * are found in it, raw and in base64. The process is not stopped, and nothing in it is collected first.
 */
export function scanMemory(pid: number, secrets: readonly Uint8Array[]): MemoryScan {
  const index = indexOf(secrets.flatMap(partsOf));
  const rawIndex = indexOf(secrets.flatMap(rawPartsOf));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.allocUnsafeSlow(CHUNK + OVERLAP);
  let [searched, copies, raw] = [0, 0, 0];
  try {
    for (const { start, end } of memoryInUse(pid)) {
      for (let at = start; at < end; at += CHUNK) {
        const length = readAt(memory, chunk, at, Math.min(chunk.length, end - at));
        searched += length;
        const found = countParts(chunk, length, index);
        copies += found;
        if (found > 0) raw += countParts(chunk, length, rawIndex);
      }
    }
  } finally {
    closeSync(memory);
  }
  return { searched, copies, raw };
}

/** Returns every 16 bytes of a secret, also as a two-byte string, and their base64 at each alignment. */
function partsOf(secret: Uint8Array): readonly Buffer[] {
  const parts = [...rawPartsOf(secret)];
  for (const part of slicesOf(secret)) {
    for (const skip of [0, 1, 2]) {
      const aligned = part.subarray(skip, skip + Math.floor((PART - skip) / 3) * 3);
      // most are the same in both alphabets: such a copy counts once
      const texts = new Set([aligned.toString('base64'), aligned.toString('base64url')]);
      parts.push(...[...texts].map((text) => Buffer.from(text)));
    }
  }
  return parts;
}

function rawPartsOf(secret: Uint8Array): readonly Buffer[] {
  return slicesOf(secret).flatMap((part) => [part, Buffer.from(part.toString('latin1'), 'utf16le')]);
}

function slicesOf(secret: Uint8Array): readonly Buffer[] {
  const count = Math.floor(secret.length / PART);
  return Array.from({ length: count }, (_, i) => Buffer.from(secret.subarray(i * PART, (i + 1) * PART)));
}

interface Index {
  /** by a word's hash: whether a part has the word at a possible alignment; the search reads it for every word of memory */
  readonly words: Uint8Array;
  /** by such a word */
  readonly places: ReadonlyMap<number, readonly Place[]>;
}

/** A part, and the offset of a word in it. */
interface Place {
  readonly part: Buffer;
  readonly offset: number;
}

/** Hashes a word to 16 bits. Memory is full of text, so a word's first two letters would match too often. */
function hashOf(word: number): number {
  return Math.imul(word, 0x9e37_79b1) >>> 16;
}

/** Adds a part at four offsets: at any address, one of its first four bytes starts a word of memory. */
function indexOf(parts: readonly Buffer[]): Index {
  const all = parts.flatMap((part) => [0, 1, 2, 3].map((offset) => ({ part, offset })));
  const wordOf = ({ part, offset }: Place): number => part.readUInt32LE(offset);
  const words = new Uint8Array(65_536);
  for (const place of all) words[hashOf(wordOf(place))] = 1;
  return { words, places: Map.groupBy(all, wordOf) };
}

/** Counts the parts that begin in the first `CHUNK` bytes of a chunk. */
function countParts(chunk: Buffer, length: number, { words, places }: Index): number {
  const memory = new Uint32Array(chunk.buffer, chunk.byteOffset, Math.ceil(length / WORD));
  let count = 0;
  for (let at = 0; at < memory.length; at += 1) {
    const word = memory[at] ?? 0;
    if (words[hashOf(word)] === 0) continue;
    for (const { part, offset } of places.get(word) ?? []) {
      const start = at * WORD - offset;
      const end = start + part.length;
      if (start >= 0 && start < CHUNK && end <= length && part.equals(chunk.subarray(start, end))) count += 1;
    }
  }
  return count;
}

interface Region {
  readonly start: number;
  readonly end: number;
}

/** Returns the runs of pages that a process has written. A process never uses most of its reserved memory. */
function memoryInUse(pid: number): readonly Region[] {
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  try {
    return writableRegions(pid).flatMap((region) => pagesInUse(pagemap, region));
  } finally {
    closeSync(pagemap);
  }
}

function writableRegions(pid: number): readonly Region[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const groups = /^(?<start>[0-9a-f]+)-(?<end>[0-9a-f]+) rw-/.exec(line)?.groups;
      return groups === undefined ? [] : [{ start: Number(`0x${groups.start}`), end: Number(`0x${groups.end}`) }];
    });
}

function pagesInUse(pagemap: number, { start, end }: Region): readonly Region[] {
  const entries = Buffer.allocUnsafeSlow(((end - start) / PAGE) * PAGEMAP_ENTRY);
  const length = readAt(pagemap, entries, (start / PAGE) * PAGEMAP_ENTRY, entries.length);
  const runs: { start: number; end: number }[] = [];
  for (let entry = 0; entry < length; entry += PAGEMAP_ENTRY) {
    if (((entries[entry + PAGEMAP_ENTRY - 1] ?? 0) & IN_USE) === 0) continue;
    const page = start + (entry / PAGEMAP_ENTRY) * PAGE;
    const last = runs.at(-1);
    if (last?.end === page) last.end += PAGE;
    else runs.push({ start: page, end: page + PAGE });
  }
  return runs;
}

/** Reads memory. Removed regions, and regions that only the kernel may read, count as empty. */
function readAt(memory: number, into: Buffer, at: number, length: number): number {
  try {
    return readSync(memory, into, 0, length, at);
  } catch {
    return 0;
  }
}
