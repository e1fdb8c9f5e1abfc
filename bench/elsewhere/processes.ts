import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { MEASUREMENTS, Measurement } from './function-process';
import type { ElsewhereVault, MeasuredFunction, VaultChoice } from './vault-process';

const TSX = ['--import', 'tsx'];

/** Starts a vault in another process, and ends it after the use. */
export async function withElsewhere<T>(choice: VaultChoice, use: (vault: ElsewhereVault) => Promise<T>): Promise<T> {
  const child = fork(join(__dirname, 'vault-process.ts'), [JSON.stringify(choice)], { execArgv: TSX });
  try {
    return await use((await messageOf(child)) as ElsewhereVault);
  } finally {
    await stop(child);
  }
}

/** Takes a measurement in a fresh process with the variables of a function. */
export async function measure<M extends Measurement>(
  name: M,
  fn: 'seal' | 'unseal',
  vault: Parameters<(typeof MEASUREMENTS)[M]>[0],
): Promise<Awaited<ReturnType<(typeof MEASUREMENTS)[M]>>> {
  const args = [name, JSON.stringify(vault)];
  return (await run('function-process.ts', args, vault.functions[fn], TSX)) as never;
}

/** What a fresh process took, in milliseconds. */
export interface Start {
  readonly loadMs: number;
  readonly loadCpuMs: number;
  /** of the first call, with its logins and connections; 0 without a call */
  readonly callMs: number;
}

/**
 * Loads a bundle in a fresh process without a loader of TypeScript, and calls it once if there is an event.
 *
 * @param fn gives the variables
 */
export async function start(
  file: string,
  fn: Pick<MeasuredFunction, 'env' | 'arn'> = { env: {}, arn: '' },
  event?: object,
): Promise<Start> {
  const args = [file, ...(event === undefined ? [] : [fn.arn, JSON.stringify(event)])];
  return (await run('start-process.mjs', args, fn, [])) as Start;
}

/** Variables of this process that another one needs; the function's own decide all else. */
const KEPT = ['PATH', 'HOME', 'TMPDIR'];

async function run(
  script: string,
  args: readonly string[],
  { env }: Pick<MeasuredFunction, 'env'>,
  execArgv: string[],
): Promise<unknown> {
  const kept = Object.fromEntries(KEPT.map((variable) => [variable, process.env[variable]]));
  const child = fork(join(__dirname, script), args, {
    execArgv,
    env: { ...kept, ...env },
    // a handler logs a line a call
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    return await messageOf(child);
  } finally {
    await stop(child);
  }
}

function messageOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`expected a result of a process, got exit ${code}`)));
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode === null && child.signalCode === null) child.once('exit', () => resolve());
    else resolve();
    if (child.connected) child.disconnect();
  });
}
