import { Writable } from 'node:stream';

/** What stands before every line where nobody is asked whether a call is allowed. */
export const UNAUTHORIZED = 'no authorization │ ';

/** Writes whole lines on, each behind a prefix; empty ones too, so that none can be read without it. */
export function prefixed(prefix: string, out: NodeJS.WritableStream): Writable {
  return new Writable({
    write: (chunk: Buffer, _, done) => {
      const text = chunk.toString();
      const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
      // that nobody reads any longer is for who owns the stream to hear
      out.write(lines.map((line) => `${prefix}${line}\n`).join(''), () => done());
    },
  });
}
