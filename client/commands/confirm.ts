import { createInterface } from 'node:readline';
import { CommandFailure, type Context, UsageError, type Values } from './command';

/**
 * Has the user type `yes` after a sentence, unless `--yes` was given. Throws if there is no terminal, or if another text is
 * typed.
 */
export async function confirmed({ stdin, stderr }: Context, values: Values, sentence: string): Promise<void> {
  if (values.yes === true) return;
  if (stdin.isTTY !== true) throw new UsageError('expected --yes, since there is no terminal to ask at');
  stderr.write(`${sentence}\nType yes to confirm: `);
  if ((await typedLine(stdin)).trim() !== 'yes') {
    throw new CommandFailure('expected yes, got another text: nothing was changed');
  }
}

/** Reads a line; the terminal itself echoes and edits it. Empty for Ctrl-D. */
export async function typedLine(stdin: Context['stdin']): Promise<string> {
  const terminal = createInterface({ input: stdin, terminal: false });
  try {
    return await new Promise<string>((resolve) => {
      terminal.once('line', resolve);
      terminal.once('close', () => resolve(''));
    });
  } finally {
    terminal.close();
  }
}
