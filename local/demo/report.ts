import type { WriteStream } from 'node:tty';

const LABEL = 12;
const TEXT = 76;
const NAME = 28;

/** Where the demonstration prints: a line a step, aligned, with how long it took; colour on a terminal alone. */
export class Report {
  private readonly colour: boolean;
  private readonly started = performance.now();

  constructor(private readonly out: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>) {
    this.colour = out.isTTY === true && process.env.NO_COLOR === undefined;
  }

  heading(text: string): void {
    this.out.write(`\n${this.paint('1', text)}\n`);
  }

  /** Does one step and prints what came of it. A step that throws is printed as failed, and thrown on. */
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

  /** A further line of the step above. */
  detail(label: string, text: string): void {
    this.out.write(`    ${this.paint('2', label.padEnd(NAME))}${text}\n`);
  }

  private line(mark: string, label: string, text: string, milliseconds: number): void {
    this.out.write(`  ${mark} ${label.padEnd(LABEL)}${text.padEnd(TEXT)}${this.paint('2', duration(milliseconds))}\n`);
  }

  private paint(code: string, text: string): string {
    return this.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

function duration(milliseconds: number): string {
  const text = milliseconds < 1_000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1_000).toFixed(1)} s `;
  return text.padStart(9);
}
