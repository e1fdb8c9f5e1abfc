import type { Readable, Writable } from 'node:stream';
import type { AccessLogEntry, ChainPosition } from '../../../lambda/contract/responses';
import { HEAD_LINE, LOG_LINE } from '../../../lambda/contract/responses';
import { readResponse } from '../../responses';
import type { Wallet } from '../../requests';
import { CommandFailure } from '../command';
import { membersOf } from '../json';
import { splitLines } from '../lines';
import { ascii, drained } from '../output';

/** A row of an access log, or the head of its chain, with the wallet that it is of: its hash covers both. */
export type LogLine =
  | { readonly wallet: Wallet; readonly entry: AccessLogEntry; readonly head?: undefined }
  | { readonly wallet: Wallet; readonly entry?: undefined; readonly head: ChainPosition };

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
