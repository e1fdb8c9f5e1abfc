import { parseArgs } from 'node:util';
import { ENVIRONMENT_PATTERN } from '../../lambda/contract/patterns';
import { ENV } from '../../lambda/contract/variables';
import { type Command, CommandFailure, type Streams, UsageError, type Values, textOf } from './command';
import { doctor } from './doctor';
import { factsOf } from './error-facts';
import { LOCAL_COMMANDS, runLocalCommand } from './local-commands';
import { log } from './log';
import { printable, printableStream } from './printable';
import { publicKey } from './public-key';
import { webhookSecret } from './webhook-secret';
import { webhookTest } from './webhook-test';

const COMMANDS: readonly Command[] = [publicKey, webhookSecret, webhookTest, log, doctor];

const COMMON = {
  environment: { type: 'string' },
  region: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const COMMON_HELP = `
  --environment NAME     the vault's environment, such as prod (by default $SHARE_VAULT_ENVIRONMENT)
  --region REGION        where it is deployed (by default where the AWS SDK finds it, such as $AWS_REGION)
  --help                 print this help

Credentials are those that the AWS SDK finds, such as those of $AWS_PROFILE.
`;

const LOCAL_HELP = `
A vault on this machine, where the package share-vault-local is installed; --help after a command says the rest:

${listOf(LOCAL_COMMANDS)}`;

/**
 * Runs one command. Exit codes: 0 done, 1 not done, 2 usage error; a command of the local package has its own. Errors are
 * on `stderr`, and never quote a secret typed as an argument.
 */
export async function runCli(
  [name = '', ...args]: readonly string[],
  { stdin, stdout, stderr }: Streams,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const streams = { stdin, stdout: printableStream(stdout), stderr: printableStream(stderr) };
  const command = COMMANDS.find((each) => each.name === name);
  const local = LOCAL_COMMANDS.find((each) => each.name === name);
  try {
    if (local !== undefined) return await runLocalCommand([local.name, ...args], streams, env);
    if (command === undefined) return overview(name, streams);
    const values = readOptions(command, args);
    if (values.help === true) {
      streams.stdout.write(`${command.help}${COMMON_HELP}`);
      return 0;
    }
    const environment = command.isOffline?.(values) === true ? '' : environmentOf(values, env);
    const context = { ...streams, environment, region: textOf(values, 'region') };
    return await command.run(context, values);
  } catch (error) {
    streams.stderr.write(`share-vault ${printable(name)}: ${messageOf(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function overview(name: string, { stdout, stderr }: Streams): 0 | 2 {
  const usage = `share-vault COMMAND [options]\n\n${listOf(COMMANDS)}${COMMON_HELP}${LOCAL_HELP}`;
  const asked = name === '--help' || name === '-h';
  if (!asked && name !== '') stderr.write('share-vault: expected one of these commands, got another\n\n');
  (asked ? stdout : stderr).write(usage);
  return asked ? 0 : 2;
}

function listOf(commands: readonly Pick<Command, 'name' | 'summary'>[]): string {
  return commands.map(({ name, summary }) => `  ${name.padEnd(22)} ${summary}\n`).join('');
}

function readOptions(command: Command, args: readonly string[]): Values {
  const { values, positionals } = parse(command, args);
  if (positionals.length === 0) return values;
  throw new UsageError(command.positionals ?? 'expected options alone, got something besides');
}

function parse(
  { options }: Command,
  args: readonly string[],
): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...args], options: { ...COMMON, ...options }, allowPositionals: true });
  } catch (error) {
    // the first sentence names the option; the others are about Node
    const [problem = ''] = factsOf(error).message.split('. ');
    throw new UsageError(`expected the options of --help, got: ${printable(problem)}`, { cause: error });
  }
}

function environmentOf(values: Values, env: Readonly<Record<string, string | undefined>>): string {
  const environment = textOf(values, 'environment') ?? env[ENV.environment];
  if (environment === undefined) throw new UsageError('expected --environment NAME, got none');
  if (ENVIRONMENT_PATTERN.test(environment)) return environment;
  throw new UsageError('--environment: expected 2 to 16 lower-case letters, digits and hyphens, got something else');
}

/** Failures have their own messages; any other message could quote a secret. */
function messageOf(error: unknown): string {
  if (error instanceof CommandFailure || error instanceof UsageError) return error.message;
  return `expected to be done, got ${printable(factsOf(error).name)}`;
}
