import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { shellQuote } from '../../../../client/commands/shell-quote';
import { commandFile } from '../../../support/commands';
import { logFolder } from '../../../support/run';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command line. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** The words that start the command line in a process of its own. */
export function commandWords(args: readonly string[]): readonly string[] {
  return [process.execPath, commandFile('share-vault'), ...args];
}

/** Starts the command line in its own process. The end of the test run searches its output for materials. */
export function start(args: readonly string[], input: string | Uint8Array = '', env = {}): Running {
  return startProgram(commandWords(args), input, env);
}

/** Runs the command line in its own process. */
export function command(args: readonly string[], input: string | Uint8Array = '', env = {}): Promise<Ended> {
  return start(args, input, env).ended;
}

/** Runs the command line through a shell, after some shell commands. */
export function inShell(before: string, args: readonly string[]): Promise<Ended> {
  return startProgram(['sh', '-c', `${before}; exec ${commandWords(args).map(shellQuote).join(' ')}`], '', {}).ended;
}

/** Whether `script` of util-linux is there, which runs a program in a terminal. */
export const HAS_TERMINAL = String(spawnSync('script', ['--version']).stdout).includes('util-linux');

/** Runs the command line in a terminal of 80 columns, with these keys as input. Both of its outputs are in `stdout`. */
export async function inTerminal(args: readonly string[], keys = ''): Promise<Ended> {
  const words = commandWords(args).map(shellQuote).join(' ');
  const { child, ended } = startProgram(['script', '-qec', `stty cols 80 -echo; ${words}`, '/dev/null'], undefined, {});
  // an end of the input would end the terminal
  child.stdin?.write(keys);
  const { stdout, ...rest } = await ended;
  return { ...rest, stdout: stdout.replaceAll('\r\n', '\n') };
}

/** Starts any program. The end of the test run searches its output for materials. */
export function startProgram(
  [file = '', ...args]: readonly string[],
  input: string | Uint8Array | undefined,
  env: object,
): Running {
  const child = spawn(file, args, { env: { ...process.env, ...env } });
  if (input !== undefined) child.stdin.end(input);
  const read = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const ended = read.then(([stdout, stderr]) => {
    appendFileSync(join(logFolder(), 'output.log'), stdout + stderr);
    return { code: child.exitCode, stdout, stderr };
  });
  return { child, ended };
}
