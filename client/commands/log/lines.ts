import type { Readable, Writable } from 'node:stream';
import type { ArchivedRows, ChainPosition } from '../../../lambda/contract/responses';
import { ARCHIVED_LINE, HEAD_LINE, LOG_LINE } from '../../../lambda/contract/responses';
import { readResponse } from '../../responses';
import type { Wallet } from '../../requests';
import type { LogItem } from '../../verify';
import { CommandFailure } from '../command';
import { membersOf } from '../json';
import { splitLines } from '../lines';
import { ascii, drained } from '../output';

/** A row of an access log, archived rows in the place of theirs, or the head of its chain, with the wallet that it is of. */
export type LogLine =
  | { readonly wallet: Wallet; readonly item: LogItem; readonly head?: undefined }
  | { readonly wallet: Wallet; readonly item?: undefined; readonly head: ChainPosition };

/** Returns JSON on one line, printable ASCII only: all other characters are escaped, so nothing is lost. */
export function lineOf({ walletId, chain }: Wallet, item: LogItem): string {
  return ascii(JSON.stringify({ walletId, chain, ...('from' in item ? { archived: spanOf(item) } : item) }));
}

/** Returns the members of a span in the order of a line. */
const spanOf = ({ from, previousHash, sequence, hash }: ArchivedRows): ArchivedRows => ({
  ...{ from, previousHash, sequence, hash },
});

/** Passes rows on, each printed first. If the reader closes the output, as `head` does, the others are not printed. */
export async function* printRows(
  wallet: Wallet,
  items: AsyncIterable<LogItem>,
  output: Writable,
): AsyncGenerator<LogItem, void, undefined> {
  for await (const item of items) {
    if (output.writable && !output.write(`${lineOf(wallet, item)}\n`)) await drained(output);
    yield item;
  }
}

/** Reads the lines that `lineOf` wrote; holds one of them at a time. Throws `CommandFailure` that has its number. */
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
    const { head, archived } = membersOf(json);
    if (head !== undefined) return headLine(json);
    if (archived !== undefined) return archivedLine(json);
    const { walletId, chain, ...item } = readResponse(LOG_LINE, json);
    return { wallet: { walletId, chain }, item };
  } catch {
    throw new CommandFailure(`line ${number}: expected a row of an access log as JSON, got something else`);
  }
}

function headLine(json: unknown): LogLine {
  const { walletId, chain, head } = readResponse(HEAD_LINE, json);
  return { wallet: { walletId, chain }, head };
}

function archivedLine(json: unknown): LogLine {
  const { walletId, chain, archived } = readResponse(ARCHIVED_LINE, json);
  return { wallet: { walletId, chain }, item: archived };
}
