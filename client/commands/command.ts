import type { Readable, Writable } from 'node:stream';

/** Where a command reads and writes: the process, or what stands for it in a test. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  /** what may be piped on */
  readonly stdout: Writable;
  /** what is said to whoever looks on */
  readonly stderr: Writable;
}

/** What every command is told. */
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
  /** how to call it, its own options, what it does */
  readonly help: string;
  readonly options: Options;
  /** what to say where something is typed that is no option @default - that nothing was expected */
  readonly positionals?: string;
  /** whether a call asks no vault, so needs no environment @default - it does */
  isOffline?(values: Values): boolean;
  /** Does it, and says how it went: 0 as wanted, 1 not. Throws `CommandFailure` and `UsageError`. */
  run(context: Context, values: Values): Promise<0 | 1>;
}

/** Something that keeps a command from being done, in words that say what to do about it. Exit code 1. */
export class CommandFailure extends Error {
  static {
    this.prototype.name = 'CommandFailure';
  }
}

/** A call that is not of the documented form. Exit code 2. */
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
