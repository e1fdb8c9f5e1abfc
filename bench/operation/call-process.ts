import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { VaultFunction } from './vault-process';

/** What one call took in its process, in milliseconds: on the clock, and of the processor, all threads of the process. */
export interface Taken {
  readonly ms: number;
  readonly cpuMs: number;
  readonly response: unknown;
}

/** A module, and which of its exports to call. TypeScript is loaded by tsx. */
export interface HandlerModule {
  readonly file: string;
  readonly name: string;
}

const TSX = ['--import', 'tsx'];
/** Variables of this process that another one needs; the function's own decide all else. */
const KEPT = ['PATH', 'HOME', 'TMPDIR'];

/** A process with a function's variables from its start, as in Lambda, that makes one call at a time. */
export class CallProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start({ file, name }: HandlerModule, { arn, env }: VaultFunction, execArgv: readonly string[] = []) {
    const kept = Object.fromEntries(KEPT.map((variable) => [variable, process.env[variable]]));
    const child = fork(join(__dirname, 'call-process.mjs'), [file, name, arn], {
      execArgv: [...execArgv, ...(file.endsWith('.ts') ? TSX : [])],
      env: { ...kept, ...env },
      // events and responses have bytes
      serialization: 'advanced',
      // a handler logs a line a call
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await messageOf(child);
    return new CallProcess(child);
  }

  /** Throws if the handler does. */
  async call(event: unknown): Promise<Taken> {
    const taken = messageOf(this.#child);
    this.#child.send({ event });
    const message = (await taken) as Taken | { readonly failure: string };
    if ('failure' in message) throw new Error(`expected a response of the handler, got ${message.failure}`);
    return message;
  }

  stop(): Promise<void> {
    return stopProcess(this.#child);
  }
}

/** Returns the next message. Throws if the process ends before it. */
export function messageOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`expected a message of a process, got exit ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}

/** Lets a process end by itself, and waits for it. */
export function stopProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode === null && child.signalCode === null) child.once('exit', () => resolve());
    else resolve();
    if (child.connected) child.disconnect();
  });
}
