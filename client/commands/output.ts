import type { Output } from './command';

/** Returns JSON with each character outside of printable ASCII escaped, so that nothing is lost on a guarded output. */
export function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Prints a value as JSON on one line. */
export function printJson(output: Output, value: unknown): void {
  output.write(`${ascii(JSON.stringify(value))}\n`);
}

/** Waits until the output takes more, or no more at all. */
export async function drained(output: Output): Promise<void> {
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

/** Prints lines as they come. Ends early if the reader of the output has gone. */
export async function printLines(output: Output, lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) {
    if (!output.writable) return;
    if (!output.write(`${line}\n`)) await drained(output);
  }
}
