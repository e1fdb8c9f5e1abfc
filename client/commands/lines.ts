import type { Readable } from 'node:stream';
import { CommandFailure } from './command';

/** Characters: a row of the longest texts, each character escaped, has a tenth of it. */
const MAX_LINE_CHARS = 65_536;

/** Reads lines of UTF-8; holds one of them at a time. Throws `CommandFailure` for other bytes, and for a longer line. */
export async function* splitLines(source: Readable): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of source as AsyncIterable<Buffer | string>) {
    rest += decode(decoder, Buffer.from(chunk));
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > MAX_LINE_CHARS)
      throw new CommandFailure(`expected lines of at most ${MAX_LINE_CHARS} characters, got a longer one`);
  }
  rest += decode(decoder, undefined);
  if (rest !== '') yield rest;
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Buffer | undefined): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    throw new CommandFailure('expected lines of UTF-8, got other bytes');
  }
}
