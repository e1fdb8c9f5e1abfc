import type { Readable, Writable } from 'node:stream';
import { EXIT, type ExitCode } from './exit-codes';

/** An output: a terminal has columns. */
export type Output = Writable & { readonly columns?: number | undefined };

/** A command's input and outputs: the process's, or a test's. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  /** for results, which may be piped */
  readonly stdout: Output;
  /** for messages to the user */
  readonly stderr: Output;
}

/** The context of every command. */
export interface Context extends Streams {
  /** the vault's, such as `prod` */
  readonly environment: string;
  /** given on the command line; without it the SDK looks for one by itself */
  readonly region: string | undefined;
  /** the variables of the process */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Option {
  /** a placeholder of its value, such as `FILE` @default - it takes none */
  readonly value?: string;
  readonly about: string;
  /** a letter @default - none */
  readonly short?: string;
  /** whether each occurrence counts @default - only the last one does */
  readonly repeated?: true;
}

/** A command's options by their names without hyphens in front. */
export type Options = Readonly<Record<string, Option>>;
export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** The description of a command, for the parser, the help and the shells. */
export interface Described {
  readonly name: string;
  /** one line, for the list of commands */
  readonly summary: string;
  /** its effect; each line is a paragraph */
  readonly about: string;
  readonly options: Options;
  /** its arguments after the options @default - none */
  readonly args?: string;
  /** the error for an argument that is no option @default - that only options are expected */
  readonly positionals?: string;
  /** commands that can be pasted, at least one */
  readonly examples: readonly string[];
}

export interface Command extends Described {
  /** whether the command calls no vault, so needs no environment @default - it calls one */
  isOffline?(values: Values): boolean;
  /** Runs the command. Throws `CommandFailure` and `UsageError`. @param args - those after the options */
  run(context: Context, values: Values, args: readonly string[]): Promise<ExitCode>;
}

/** A failure of a command, with advice in its message, and its exit code. */
export class CommandFailure extends Error {
  static {
    this.prototype.name = 'CommandFailure';
  }

  /** one of `EXIT`, or a shell's for a signal */
  readonly exit: number;

  constructor(
    message: string,
    { exit = EXIT.failed, cause }: { readonly exit?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.exit = exit;
  }
}

/** A usage error: nothing was changed. */
export class UsageError extends Error {
  static {
    this.prototype.name = 'UsageError';
  }
}

/** The value of an option that takes one. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The value of an option without which the command can't run. Throws `UsageError`. */
export function required(values: Values, name: string): string {
  const text = textOf(values, name);
  if (text !== undefined && text !== '') return text;
  throw new UsageError(`expected --${name}, got none`);
}
