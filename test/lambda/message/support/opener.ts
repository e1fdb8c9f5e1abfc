import { createInterface } from 'node:readline';
import { MessageError, openMessage, parseMessage } from '../../../../lambda/message';

/** A process that opens one message, wipes what it got, says how it went, and waits to be searched. */
export interface OpenerTask {
  /** base64 */
  readonly message: string;
  readonly dataKey: string;
  /** pairs of the expected context */
  readonly context: readonly (readonly [string, string])[];
}

createInterface({ input: process.stdin }).once('line', (line) => {
  const task = JSON.parse(line) as OpenerTask;
  process.stdout.write(`${open(task)}\n`);
});

function open({ message, dataKey, context }: OpenerTask): string {
  try {
    const parsed = parseMessage(Buffer.from(message, 'base64'));
    openMessage(parsed, Buffer.from(dataKey, 'base64'), new Map(context)).fill(0);
    return 'opened';
  } catch (error) {
    return error instanceof MessageError ? error.name : String(error);
  }
}
