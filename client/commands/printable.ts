import { Writable } from 'node:stream';

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

/**
 * Returns a stream that writes printable lines only, for any output of a command: the last guard, after `printable` has
 * kept each value on one line. It waits for a slow reader, and closes if its reader does.
 */
export function printableStream(
  out: Writable & { readonly columns?: number | undefined },
): Writable & { readonly columns: number | undefined } {
  const guarded = new Writable({
    decodeStrings: false,
    write: (chunk: unknown, _encoding, done) => {
      if (out.write(printableLines(String(chunk)))) done();
      else out.once('drain', done);
    },
  });
  // a process's output is writable again after an error: only events report its end
  for (const end of ['error', 'close']) out.once(end, () => guarded.destroy());
  return Object.assign(guarded, { columns: out.columns });
}
