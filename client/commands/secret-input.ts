import { Writable } from 'node:stream';
import { createInterface } from 'node:readline/promises';
import { CommandFailure, type Streams } from './command';

/** Characters: a signing secret of Dynamic's is well within. */
const MIN_CHARS = 16;
const MAX_CHARS = 256;

/**
 * Reads a secret: the only line on standard input, or the input at a prompt that does not show it. Blanks around it, from
 * pasting, are dropped. Throws `CommandFailure` that reveals nothing of it.
 */
export async function readSecret(streams: Streams, prompt: string): Promise<string> {
  const given = streams.stdin.isTTY === true ? await ask(streams, prompt) : await readAll(streams);
  const secret = given.trim();
  if (secret === '') throw new CommandFailure('expected a secret on standard input, got nothing');
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw new CommandFailure('expected a secret of printable characters without blanks, got others');
  }
  if (secret.length >= MIN_CHARS && secret.length <= MAX_CHARS) return secret;
  throw new CommandFailure(`expected a secret of ${MIN_CHARS} to ${MAX_CHARS} characters, got ${secret.length}`);
}

async function ask({ stdin, stderr }: Streams, prompt: string): Promise<string> {
  stderr.write(prompt);
  // the typed text is not echoed
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 });
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once('line', resolve);
      // Ctrl-C and Ctrl-D
      terminal.once('close', () => reject(new CommandFailure('expected a secret, got an end')));
    });
  } finally {
    terminal.close();
    stderr.write('\n');
  }
}

async function readAll({ stdin }: Streams): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    // a file by mistake
    if (length > 4 * MAX_CHARS) throw new CommandFailure('expected a secret on standard input, got far more');
  }
  return Buffer.concat(chunks).toString('utf8');
}
