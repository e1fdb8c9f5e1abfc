import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** The vault's responses have less than a hundred characters. */
const MAX_BODY_BYTES = 10_000;

/** Reads the beginning of an HTTP response's body as UTF-8. The rest is not read: its connection is closed. */
export async function readBody(body: AsyncIterable<Uint8Array> | null, maxBytes = MAX_BODY_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}

/** Reads a file or a stream of at most so many bytes; `undefined` for a longer one, also if it never ends. */
export async function readShortBytes(source: string | Readable, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stream = typeof source === 'string' ? readInChunks(source) : source;
  for await (const chunk of stream as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length > maxBytes) return undefined;
  }
  return Buffer.concat(chunks);
}

/** Reads a file of at most so many bytes, as UTF-8; `undefined` for a longer one, also if it never ends. */
export async function readShortFile(path: string, maxBytes: number): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) return bytes.toString('utf8', 0, length);
      length += bytesRead;
    }
    return undefined;
  } finally {
    await file.close();
  }
}

/** Returns a file's bytes in chunks of 64 KiB. The caller limits how much of them it keeps. */
export function readInChunks(path: string): Readable {
  return createReadStream(path, { highWaterMark: 65_536 });
}
