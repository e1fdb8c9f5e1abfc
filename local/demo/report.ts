import type { WriteStream } from 'node:tty';
import { printableLines } from '../../client/commands/printable';

const LABEL = 12;
const DEFAULT_TEXT = 76;
const NAME = 28;

/**
 * Prints one aligned line per step, with its duration. Uses colour only on a terminal. Replaces control characters in
 * texts, which a template's names could hold.
 */
export class Report {
  private readonly colour: boolean;
  private readonly started = performance.now();

  /** @param text width of the column of a step's result */
  constructor(
    private readonly out: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>,
    private readonly text = DEFAULT_TEXT,
  ) {
    this.colour = out.isTTY === true && process.env.NO_COLOR === undefined;
  }

  heading(text: string): void {
    this.out.write(`\n${this.paint('1', printableLines(text))}\n`);
  }

  /** Runs a step and prints its result. If the step throws, prints a failure and rethrows the error. */
  async step<T>(label: string, action: () => Promise<T>, describe: (result: T) => string): Promise<T> {
    const started = performance.now();
    try {
      const result = await action();
      this.line(this.paint('32', '✓'), label, describe(result), performance.now() - started);
      return result;
    } catch (error) {
      this.line(
        this.paint('31', '✗'),
        label,
        error instanceof Error ? error.name : 'failed',
        performance.now() - started,
      );
      throw error;
    }
  }

  end(text: string): void {
    const seconds = (performance.now() - this.started) / 1_000;
    this.out.write(`\n${text} ${this.paint('2', `${seconds.toFixed(1)} s`)}\n`);
  }

  /** Prints a further line below a step. */
  detail(label: string, text: string): void {
    this.out.write(`    ${this.paint('2', label.padEnd(NAME))}${printableLines(text)}\n`);
  }

  private line(mark: string, label: string, text: string, milliseconds: number): void {
    const result = printableLines(text).padEnd(this.text);
    this.out.write(`  ${mark} ${label.padEnd(LABEL)}${result}${this.paint('2', duration(milliseconds))}\n`);
  }

  private paint(code: string, text: string): string {
    return this.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

function duration(milliseconds: number): string {
  const text = milliseconds < 1_000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1_000).toFixed(1)} s `;
  return text.padStart(9);
}
