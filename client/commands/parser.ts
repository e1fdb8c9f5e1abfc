import { CommanderError, Option as OptionOf, Command as Program } from 'commander';
import { type Described, type Option, type Options, type Output, UsageError, type Values } from './command';
import { printable } from './printable';

/** A command line of several commands. */
export interface CommandLine {
  /** the program's name */
  readonly name: string;
  readonly version: string;
  readonly about: string;
  readonly commands: readonly (Described & { readonly heading?: string })[];
  /** options that every command has */
  readonly common: Options;
  readonly examples: readonly string[];
}

export interface Parsed {
  readonly name: string;
  readonly values: Values;
  /** the arguments after the options */
  readonly args: readonly string[];
}

/** Characters of an unknown word that are shown. */
const WORD_CHARS = 32;
/** The name that an option has in commands that have another use for its own name, or none. */
const RENAMED: Readonly<Record<string, string>> = { '--actor': 'as' };
const HELP = ['-h, --help', 'print this help'] as const;

/**
 * Reads a command line. Returns `undefined` after it has printed the help or the version. Throws `UsageError`: it names an
 * unknown command or option, and never the value of an option, since it could be a secret.
 */
export function parse(line: CommandLine, args: readonly string[], stdout: Output): Parsed | undefined {
  // `help COMMAND` is `COMMAND --help`
  const [first = '--help', ...rest] = args[0] === 'help' ? [...args.slice(1, 2), '--help'] : args;
  const isOption = first.startsWith('-');
  const known = isOption || line.commands.some(({ name }) => name === first);
  let parsed: Parsed | undefined;
  const program = programOf(line, stdout, (result) => (parsed = result));
  try {
    // the arguments of an unknown command are not read
    program.parse(known ? [first, ...rest] : [first], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw usageError(error, first, line, isOption);
  }
  return parsed === undefined ? undefined : checked(parsed, line, args);
}

function programOf(line: CommandLine, stdout: Output, onParsed: (parsed: Parsed) => void): Program {
  const program = new Program(line.name)
    .usage('COMMAND [options]')
    .description(line.about)
    .version(line.version, '--version', 'print the version')
    .helpOption(...HELP)
    .helpCommand('help COMMAND', 'print the help of a command')
    // an option after a command is the command's: `properties --version 1`
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => stdout.columns ?? 80,
      getOutHasColors: () => false,
    })
    .configureHelp({
      // `--wallet ID`, not `--wallet <ID>`
      optionTerm: ({ flags }) => flags.replace(/[<>]/g, ''),
      subcommandTerm: (command) => command.name(),
    });
  program.addHelpText('after', examplesOf(line.examples));
  for (const described of line.commands) addCommand(program, line, described, onParsed);
  return program;
}

function addCommand(
  program: Program,
  { common }: CommandLine,
  described: CommandLine['commands'][number],
  onParsed: (parsed: Parsed) => void,
): void {
  const { name, summary, about, args, examples, heading } = described;
  const options = Object.entries({ ...described.options, ...common });
  const command = program
    .command(name)
    .usage(args === undefined ? '[options]' : `[options] ${args}`)
    .summary(summary)
    .description(about)
    .argument('[arguments...]')
    .addHelpText('after', examplesOf(examples));
  if (heading !== undefined) command.helpGroup(heading);
  for (const [long, option] of options) {
    command.addOption(optionOf(long, option).helpGroup(Object.hasOwn(common, long) ? 'Common options:' : 'Options:'));
  }
  command.helpOption(...HELP);
  command.action(() => {
    const values = Object.fromEntries(command.options.map((option) => [option.name(), valueOf(command, option)]));
    onParsed({ name, values, args: command.args });
  });
}

function optionOf(long: string, { value, about, short, repeated }: Option): OptionOf {
  const flags = `${short === undefined ? '' : `-${short}, `}--${long}${value === undefined ? '' : ` <${value}>`}`;
  const option = new OptionOf(flags, about);
  if (value === undefined) return option;
  return option.argParser((text: string, before: unknown) => {
    // `--wallet --yes` lacks the wallet
    if (text.startsWith('--')) throw new UsageError(`expected a value of --${long}, got another option`);
    const others: readonly unknown[] = Array.isArray(before) ? before : [];
    return repeated === true ? [...others, text] : text;
  });
}

function valueOf(command: Program, option: OptionOf): Values[string] {
  const value: unknown = command.getOptionValue(option.attributeName());
  // `--no-probes` turns off what is on
  if (option.negate) return value === false ? true : undefined;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return Array.isArray(value) ? value.map(String) : undefined;
}

function examplesOf(examples: readonly string[]): string {
  const title = examples.length === 1 ? 'Example' : 'Examples';
  const lines = examples.map((example) => `  ${example.replaceAll('\n', '\n  ')}\n`).join('');
  return `\n${title}:\n${lines}`;
}

/** Refuses arguments of a command that takes none, and those of one that takes some if no `--` is before them. */
function checked(parsed: Parsed, { commands }: CommandLine, given: readonly string[]): Parsed {
  const { args, positionals } = commands.find(({ name }) => name === parsed.name) ?? {};
  if (parsed.args.length === 0) return parsed;
  if (args === undefined) throw new UsageError(positionals ?? 'expected only options, got something else');
  if (!args.startsWith('[--') || given.includes('--')) return parsed;
  throw new UsageError('expected -- before the program, got none');
}

/** Returns an error in the words of this project. The parser's message has the closest known word. */
function usageError(
  { code, message }: CommanderError,
  first: string,
  line: CommandLine,
  isOption: boolean,
): UsageError {
  const program = line.name;
  const closest = /\(Did you mean (?:one of )?(?<words>[^?]+)\?\)/.exec(message)?.groups?.words;
  const advice = closest === undefined ? '' : `: did you mean ${closest.replace(/, (?=[^,]*$)/, ' or ')}`;
  if (code === 'commander.unknownCommand') {
    return new UsageError(`expected a command of ${program} --help, got ${word(first)}${advice}`);
  }
  const [, option = ''] = /option '(?:-\w, )?(-[^'\s=]*)/.exec(message) ?? [];
  if (code === 'commander.optionMissingArgument') return new UsageError(`expected a value of ${option}, got none`);
  if (code === 'commander.unknownOption') {
    const help = isOption ? `${program} --help` : `${program} ${first} --help`;
    const { options = {} } = line.commands.find(({ name }) => name === first) ?? {};
    const renamed = RENAMED[option];
    const meant = renamed !== undefined && Object.hasOwn(options, renamed) ? `: did you mean --${renamed}` : advice;
    return new UsageError(`expected an option of ${help}, got ${flag(option)}${meant}`);
  }
  return new UsageError(`expected the options of ${program} --help, got something else`);
}

/** An unknown option without its value: of `-pVALUE` only the letter is shown. */
function flag(option: string): string {
  return word(option.startsWith('--') ? option : option.slice(0, 2));
}

function word(text: string): string {
  const shown = printable(text);
  return shown.length > WORD_CHARS ? `${shown.slice(0, WORD_CHARS)}…` : shown;
}
