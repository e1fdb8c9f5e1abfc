import { UsageError } from '../client/commands/command';
import { parse } from '../client/commands/parser';
import { printableLines } from '../client/commands/printable';
import { commandLine } from './cli/commands';

/** `share-vault` runs these commands under its own name. */
const NAME = process.env.SHARE_VAULT_PROGRAM === 'share-vault' ? 'share-vault' : 'share-vault-local';

async function main(args: readonly string[]): Promise<number> {
  const line = commandLine(NAME);
  const parsed = parse(line, args, process.stdout);
  const command = line.commands.find(({ name }) => name === parsed?.name);
  // without a command, the help was printed
  return parsed === undefined || command === undefined ? 0 : await command.run(parsed.values, parsed.args);
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    // escapes control characters: a message may quote a template or an argument
    process.stderr.write(`\n${printableLines(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
