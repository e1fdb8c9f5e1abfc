import { UsageError } from '../client/commands/command';
import { EXIT } from '../client/commands/exit-codes';
import { ensureHome } from '../client/commands/home';
import { guardOutputs } from '../client/commands/output-guard';
import { parse } from '../client/commands/parser';
import { printableLines } from '../client/commands/printable';
import { commandLine } from './cli/commands';

/** `share-vault` runs these commands under its own name. */
const NAME = process.env.SHARE_VAULT_PROGRAM === 'share-vault' ? 'share-vault' : 'share-vault-local';

const { stdout, stderr } = process;

async function main(args: readonly string[]): Promise<number> {
  const line = commandLine(NAME);
  const parsed = parse(line, args, stdout);
  const command = line.commands.find(({ name }) => name === parsed?.name);
  // without a command, the help was printed
  return parsed === undefined || command === undefined ? 0 : await command.run(parsed.values, parsed.args);
}

ensureHome(process.env);
guardOutputs([stdout, stderr], (code) => {
  // a reader that has enough, such as head, is no failure
  if (code === 'EPIPE') return;
  stderr.write(`${NAME}: expected all of the output to be written, got ${code}\n`);
  process.exitCode ??= EXIT.output;
});

main(process.argv.slice(2)).then(
  (code) => {
    // an output that was lost has set one
    if (code !== EXIT.done) process.exitCode = code;
  },
  (error: unknown) => {
    // escapes control characters: a message may quote a template or an argument
    stderr.write(`\n${printableLines(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed;
  },
);
