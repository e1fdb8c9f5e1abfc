import { Writable } from 'node:stream';
import type { Output } from './command';
import { factsOf } from './error-facts';

const LIMIT = 300;
/** Control, format, bidirectional and other invisible characters, and line separators: they could forge output. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Returns text from outside, fit for one line of a terminal: hidden characters, line feeds among them, are replaced
 * visibly, and a text is cut after 300 characters.
 */
export function printable(text: string): string {
  const shown = text.replace(HIDDEN, '�');
  return shown.length > LIMIT ? `${shown.slice(0, LIMIT)}…` : shown;
}

/** Returns lines with everything hidden but the line feeds replaced visibly. */
export function printableLines(text: string): string {
  return text.replace(HIDDEN, (character) => (character === '\n' ? character : '�'));
}

/** A guarded output of a command. */
export class PrintableStream extends Writable {
  readonly columns: number | undefined;
  readonly #out: Output;
  readonly #shape: (text: string) => string;
  #failure: string | undefined;

  constructor(out: Output, shape: (text: string) => string) {
    super({ decodeStrings: false });
    this.columns = out.columns;
    this.#out = out;
    this.#shape = shape;
    // a process's output is writable again after an error: only events report its end
    out.on('error', (error) => this.#fail(error));
    out.on('close', () => this.#fail(undefined));
  }

  /** the reason why the output was not written whole, such as `ENOSPC`; undefined if it was */
  get failure(): string | undefined {
    return this.#failure;
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.#out.write(this.#shape(String(chunk)), (error) => {
      if (error) this.#fail(error);
      done();
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= factsOf(error).code ?? 'a closed output';
    this.destroy();
  }
}

/**
 * Returns a stream that writes printable lines only, for any output of a command: the last guard, after `printable` has
 * kept each value on one line. It waits for a slow reader, and closes if its reader does. @param shape - a layout
 */
export function printableStream(out: Output, shape = (text: string): string => text): PrintableStream {
  return new PrintableStream(out, (text) => shape(printableLines(text)));
}

/** Resolves when all that was written to an output has left, or can't leave. */
export async function flushed(stream: PrintableStream): Promise<void> {
  if (stream.destroyed) return;
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    stream.end(() => resolve());
  });
}
