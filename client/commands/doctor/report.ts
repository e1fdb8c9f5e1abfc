import type { Writable } from 'node:stream';
import type { Finding, Status } from './finding';

const STATUS: Readonly<Record<Status, string>> = { ok: 'ok', problem: 'PROBLEM', unknown: 'unknown' };
const INDENT = 2;
const STATUS_WIDTH = 9;
const CHECK_WIDTH = 38;
const MIN_WIDTH = 60;

/** Prints findings as they come, each within the width; a word that is longer, such as an ARN, is never broken. */
export class Report {
  readonly #out: Writable;
  readonly #width: number;

  constructor(out: Writable & { readonly columns?: number | undefined }) {
    this.#out = out;
    this.#width = Math.max(out.columns ?? 80, MIN_WIDTH);
  }

  heading(text: string): void {
    this.#out.write(`\n${text}\n`);
  }

  add({ check, status, found, fix }: Finding): void {
    const first = `${' '.repeat(INDENT)}${STATUS[status].padEnd(STATUS_WIDTH)}${check.padEnd(CHECK_WIDTH)} `;
    const lines = wrap(found, this.#width - first.length);
    // a text that does not fit beside its check goes below it
    if (first.length + (lines[0]?.length ?? 0) <= this.#width) this.#write(first, lines);
    else this.#write(`${first.trimEnd()}\n${this.#pad(INDENT + STATUS_WIDTH)}`, wrap(found, this.#width - 11), 11);
    if (status === 'problem' && fix !== undefined) {
      const label = `${this.#pad(INDENT + STATUS_WIDTH)}fix: `;
      this.#write(label, wrap(fix, this.#width - label.length), label.length);
    }
  }

  line(text: string): void {
    this.#out.write(`${text}\n`);
  }

  #write(first: string, lines: readonly string[], indent = first.length): void {
    this.#out.write(`${first}${lines.join(`\n${this.#pad(indent)}`)}\n`);
  }

  #pad(count: number): string {
    return ' '.repeat(count);
  }
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
