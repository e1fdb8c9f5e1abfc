import { createInterface } from 'node:readline';
import { MessageError, openMessage, parseMessage } from '../../../../lambda/message';

/** A process that opens one message, wipes its plaintext, prints the result, and waits to be searched. */
export interface OpenerTask {
  /** base64 */
  readonly message: string;
  /** base64 of its complement, for the task's text itself stays in memory */
  readonly dataKey: string;
  /** pairs of the expected context */
  readonly context: readonly (readonly [string, string])[];
}

createInterface({ input: process.stdin }).once('line', (line) => {
  const task = JSON.parse(line) as OpenerTask;
  void open(task).then((response) => process.stdout.write(`${response}\n`));
});

async function open({ message, dataKey, context }: OpenerTask): Promise<string> {
  const key = Buffer.from(new ArrayBuffer(32));
  Buffer.from(dataKey, 'base64').forEach((byte, i) => (key[i] = byte ^ 0xff));
  try {
    const parsed = parseMessage(Buffer.from(message, 'base64'));
    openMessage(parsed, key, new Map(context)).fill(0);
    return 'opened';
  } catch (error) {
    return error instanceof MessageError ? error.name : String(error);
  } finally {
    key.fill(0);
  }
}
