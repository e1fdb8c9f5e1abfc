import type { Writable } from 'node:stream';
import type { AccessLogEntry } from '../../../lambda/contract/responses';
import type { Wallet } from '../../requests';
import { writeLine } from './lines';

/** Passes rows on, each printed first. If the reader closes the output, as `head` does, the others are not printed. */
export async function* printed(
  wallet: Wallet,
  entries: AsyncIterable<AccessLogEntry>,
  output: Writable,
): AsyncGenerator<AccessLogEntry, void, undefined> {
  for await (const entry of entries) {
    if (output.writable && !output.write(writeLine({ wallet, entry }))) await drained(output);
    yield entry;
  }
}

/** Waits until the output takes more, or no more at all. */
async function drained(output: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    const events = ['drain', 'close', 'error'] as const;
    const done = (): void => {
      for (const event of events) output.off(event, done);
      resolve();
    };
    for (const event of events) output.on(event, done);
    if (!output.writable || !output.writableNeedDrain) done();
  });
}
