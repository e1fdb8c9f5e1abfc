import type { Readable, Writable } from 'node:stream';
import type { AccessLogEntry, ChainPosition } from '../../../lambda/contract/responses';
import { HEAD_LINE, LOG_LINE } from '../../../lambda/contract/responses';
import { readResponse } from '../../responses';
import type { Wallet } from '../../requests';
import { CommandFailure } from '../command';
import { membersOf } from '../json';
import { ascii, drained } from '../output';

/** A row of an access log, or the head of its chain, with the wallet that it is of: its hash covers both. */
export type LogLine =
  | { readonly wallet: Wallet; readonly entry: AccessLogEntry; readonly head?: undefined }
  | { readonly wallet: Wallet; readonly entry?: undefined; readonly head: ChainPosition };

/** Characters: a row of the longest texts, each character escaped, has a tenth of it. */
const MAX_LINE_CHARS = 65_536;

/** Returns JSON on one line, printable ASCII only: all other characters are escaped, so nothing is lost. */
function writeLine({ walletId, chain }: Wallet, entry: AccessLogEntry): string {
  return `${ascii(JSON.stringify({ walletId, chain, ...entry }))}\n`;
}

/** Passes rows on, each printed first. If the reader closes the output, as `head` does, the others are not printed. */
export async function* printRows(
  wallet: Wallet,
  entries: AsyncIterable<AccessLogEntry>,
  output: Writable,
): AsyncGenerator<AccessLogEntry, void, undefined> {
  for await (const entry of entries) {
    if (output.writable && !output.write(writeLine(wallet, entry))) await drained(output);
    yield entry;
  }
}

/** Reads the lines that `writeLine` wrote; holds one of them at a time. Throws `CommandFailure` that has its number. */
export async function* readLines(source: Readable): AsyncGenerator<LogLine, void, undefined> {
  let number = 0;
  for await (const line of splitLines(source)) {
    number += 1;
    yield readLine(line, number);
  }
}

function readLine(line: string, number: number): LogLine {
  try {
    const json: unknown = JSON.parse(line);
    if (membersOf(json).head !== undefined) {
      const { walletId, chain, head } = readResponse(HEAD_LINE, json);
      return { wallet: { walletId, chain }, head };
    }
    const { walletId, chain, ...entry } = readResponse(LOG_LINE, json);
    return { wallet: { walletId, chain }, entry };
  } catch {
    throw new CommandFailure(`line ${number}: expected a row of an access log as JSON, got something else`);
  }
}

async function* splitLines(source: Readable): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of source as AsyncIterable<Buffer | string>) {
    rest += decode(decoder, Buffer.from(chunk));
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > MAX_LINE_CHARS) throw new CommandFailure('expected lines of an access log, got a longer one');
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
