import { ENVIRONMENT_PATTERN } from '../../lambda/contract/patterns';
import { ENV } from '../../lambda/contract/variables';
import { version } from '../package.json';
import {
  type Command,
  CommandFailure,
  type Context,
  type Options,
  type Streams,
  UsageError,
  type Values,
  textOf,
} from './command';
import { exportLogs } from './data/export';
import { properties } from './data/properties';
import { records } from './data/records';
import { revoke } from './data/revoke';
import { seal } from './data/seal';
import { unseal } from './data/unseal';
import { wallets } from './data/wallets';
import { completion } from './completion';
import { doctor } from './doctor';
import { factsOf } from './error-facts';
import { EXIT } from './exit-codes';
import { freeze } from './freezes/freeze';
import { freezes } from './freezes/list';
import { thaw } from './freezes/thaw';
import { fit } from './layout';
import { keys } from './keys';
import { LOCAL_COMMANDS, runLocalCommand } from './local-commands';
import { log } from './log';
import { type CommandLine, parse } from './parser';
import { type PrintableStream, flushed, printable, printableStream } from './printable';
import { selectProfile } from './profile';
import { publicKey } from './public-key';
import { recover } from './recover';
import { reseal } from './reseal';
import { tombstones } from './tombstones';
import { webhookSecret } from './webhook-secret';
import { webhookTest } from './webhook-test';

type Env = Context['env'];

const SETUP = 'Set up and check a vault:';
const DATA = 'Data of wallets:';
const ROTATION = 'Rotate keys, and restore a database:';
const FREEZING = 'Stop openings, and let them go on:';
const LOCAL = 'A vault on this machine (package @cdk-share-vault/local):';

const COMMANDS: readonly (Command & { readonly heading: string })[] = [
  ...[seal, unseal, properties, revoke, records, wallets, log, exportLogs].map((command) => ({
    ...command,
    heading: DATA,
  })),
  ...[publicKey, webhookSecret, webhookTest, doctor, recover].map((command) => ({ ...command, heading: SETUP })),
  ...[keys, reseal, tombstones].map((command) => ({ ...command, heading: ROTATION })),
  ...[freeze, thaw, freezes].map((command) => ({ ...command, heading: FREEZING })),
  { ...completion(() => LINE), heading: 'This command:' },
];

const COMMON: Options = {
  environment: { value: 'NAME', about: "the vault's environment, such as prod (by default $SHARE_VAULT_ENVIRONMENT)" },
  region: {
    value: 'REGION',
    about: 'where it is deployed (by default where the AWS SDK finds it, such as $AWS_REGION)',
  },
  profile: { value: 'NAME', about: 'a profile of the AWS configuration (by default $AWS_PROFILE)' },
};

const LINE: CommandLine = {
  name: 'share-vault',
  version,
  about:
    'Keeps the key material of MPC wallets: seals, unseals and revokes it, reads the access log, and checks a deployed vault.',
  commands: [...COMMANDS, ...LOCAL_COMMANDS.map((command) => ({ ...command, heading: LOCAL }))],
  common: COMMON,
  examples: ['share-vault doctor --environment prod', 'share-vault help log'],
};

/**
 * Runs one command and returns its exit code; a command of the local package has its own codes. Errors are one line on
 * `stderr`, and never quote a secret typed as an argument.
 */
export async function runCli(args: readonly string[], { stdin, stdout, stderr }: Streams, env: Env): Promise<number> {
  const messages = printableStream(stderr, (text) => fit(text, stderr.columns));
  const streams = { stdin, stdout: printableStream(stdout), stderr: messages };
  const name = nameOf(args);
  const fail = (problem: string): void => void messages.write(`${['share-vault', ...name].join(' ')}: ${problem}\n`);
  const code = await run(args, streams, env).catch((error: unknown) => {
    fail(messageOf(error));
    return exitOf(error);
  });
  const lost = await lostOutput(streams.stdout);
  if (lost !== undefined) fail(lost);
  await flushed(messages);
  return lost !== undefined && code === EXIT.done ? EXIT.output : code;
}

async function run(args: readonly string[], streams: Streams, env: Env): Promise<number> {
  const [first, second] = args;
  const isLocal = (name: string | undefined): boolean => LOCAL_COMMANDS.some((each) => each.name === name);
  if (first === 'help' && second !== undefined && isLocal(second))
    return runLocalCommand([second, '--help'], streams, env);
  if (isLocal(first)) return runLocalCommand(args, streams, env);
  const parsed = parse(LINE, args, streams.stdout);
  const command = COMMANDS.find((each) => each.name === parsed?.name);
  if (parsed === undefined || command === undefined) return EXIT.done;
  const { values } = parsed;
  const profile = textOf(values, 'profile');
  if (profile !== undefined) selectProfile(profile);
  const environment = command.isOffline?.(values) === true ? '' : environmentOf(values, env);
  return command.run({ ...streams, environment, region: textOf(values, 'region'), env }, values, parsed.args);
}

/** The command's name for messages: none for an unknown one, which the message itself names. */
function nameOf([first]: readonly string[]): readonly string[] {
  return LINE.commands.some(({ name }) => name === first) && first !== undefined ? [first] : [];
}

function environmentOf(values: Values, env: Env): string {
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

function exitOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  return error instanceof CommandFailure ? error.exit : EXIT.failed;
}

/** Returns the problem of an output that was not written whole; undefined if it was. */
async function lostOutput(stdout: PrintableStream): Promise<string | undefined> {
  await flushed(stdout);
  const { failure } = stdout;
  if (failure === undefined) return undefined;
  const advice = failure === 'ENOSPC' ? 'the disk is full' : 'its reader may have closed it';
  return `expected all of the output to be written, got ${printable(failure)}: ${advice}`;
}
