import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { CommandFailure, type Context } from '../command';
import { nameOf } from '../error-facts';
import { EXIT } from '../exit-codes';

/** A program that gets a material on its standard input. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** Finds a program as a shell does, so that a missing one is known before anything is opened. */
export function findProgram([name = '', ...args]: readonly string[], { env }: Pick<Context, 'env'>): Program {
  const folders = name.includes(sep) ? [''] : (env.PATH ?? '').split(delimiter);
  const file = folders.map((folder) => (folder === '' ? name : join(folder, name))).find(isExecutable);
  if (file !== undefined) return { file, args };
  throw new CommandFailure('expected a program that can be started after --, got none', { exit: EXIT.program });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs a program with a material as its standard input; its outputs are those of this process. Throws `CommandFailure` if
 * it can't be started or fails. A program that succeeds need not have read all of the material.
 */
export async function feed({ file, args }: Program, material: Uint8Array, signal: AbortSignal): Promise<void> {
  const child = spawn(file, args, { stdio: ['pipe', 'inherit', 'inherit'], signal, killSignal: 'SIGTERM' });
  // what a program leaves unread is in the pipe's buffer: mostly there is no error, so none counts
  child.stdin.on('error', () => undefined);
  child.stdin.end(material);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(nameOf(error)));
    child.on('close', (code, ended) => resolve(code === 0 ? undefined : (ended ?? `exit code ${code}`)));
  });
  signal.throwIfAborted();
  if (failure === undefined) return;
  throw new CommandFailure(`expected the program to succeed, got ${failure}`, { exit: EXIT.program });
}
