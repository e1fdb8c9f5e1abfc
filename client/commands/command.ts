import type { Readable, Writable } from 'node:stream';

/** A command's input and outputs: the process's, or a test's. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  /** for results, which may be piped */
  readonly stdout: Writable;
  /** for messages to the user */
  readonly stderr: Writable;
}

/** The context of every command. */
export interface Context extends Streams {
  /** the vault's, such as `prod` */
  readonly environment: string;
  /** given on the command line; without it the SDK looks for one by itself */
  readonly region: string | undefined;
}

/** A command's own options as `parseArgs` of `node:util` takes them, none of them repeated. */
export type Options = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;
export type Values = Readonly<Record<string, string | boolean | undefined>>;

export interface Command {
  readonly name: string;
  /** one line, for the list of commands */
  readonly summary: string;
  /** its usage, options and effect */
  readonly help: string;
  readonly options: Options;
  /** the error for an argument that is no option @default - that only options are expected */
  readonly positionals?: string;
  /** whether the command calls no vault, so needs no environment @default - it calls one */
  isOffline?(values: Values): boolean;
  /** Runs the command. Returns 0 on success, else 1. Throws `CommandFailure` and `UsageError`. */
  run(context: Context, values: Values): Promise<0 | 1>;
}

/** A failure of a command, with advice in its message. Exit code 1. */
export class CommandFailure extends Error {
  static {
    this.prototype.name = 'CommandFailure';
  }
}

/** A usage error. Exit code 2. */
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
