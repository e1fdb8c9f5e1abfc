import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Socket } from 'node:net';
import * as v from 'valibot';
import { MESSAGE, type Message, type ProcessOptions, type Request, type Started } from './messages';

export interface Listeners {
  readonly onCall: (call: Extract<Message, { event: 'call' }>['call']) => void;
  readonly log: (line: string) => void;
}

type RequestOf<R> = R extends Request ? Omit<R, 'id'> : never;
interface Pending {
  readonly resolve: (lines: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A process that runs a vault. A process of its own keeps the vault away from a test runner's globals and module
 * registry. It stops when this process ends, even by a kill.
 */
export class VaultProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<unknown>;
  #requests = 0;
  /** undefined while the process runs */
  #end: Error | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = once(child, 'close');
    // an error of a process that can't start is reported by its end
    this.#exited.catch(() => undefined);
  }

  /** Starts the process and waits until the vault is ready. Throws the error of a failed start. */
  static async start(
    options: ProcessOptions,
    { onCall, log }: Listeners,
  ): Promise<{ readonly process: VaultProcess; readonly started: Started }> {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(process.execPath, programArguments(), { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const running = new VaultProcess(child);
    let failure = '';
    child.stderr.on('data', (text: Buffer) => (failure = `${failure}${text.toString()}`.slice(-2_000)));
    // the process may end before it has read everything
    child.stdin.on('error', () => undefined);
    const started = new Promise<Started>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => {
        const error = new Error(`expected the vault's process to run, got its end: ${failure.trim() || 'no reason'}`);
        reject(error);
        running.#rejectAll(error);
        running.#end = error;
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        const message = v.parse(MESSAGE, JSON.parse(line));
        if (message.event === 'started') resolve(message.started);
        else if (message.event === 'failed') reject(new Error(message.message));
        else if (message.event === 'call') onCall(message.call);
        else if (message.event === 'step') log(message.text);
        else running.#settle(message);
      });
    });
    child.stdin.write(`${JSON.stringify(options)}\n`);
    try {
      const facts = await started;
      running.#setReferenced(false);
      return { process: running, started: facts };
    } catch (error) {
      await running.stop();
      throw error;
    }
  }

  /** Sends a request. Throws its error, and the process's end. */
  async ask(request: RequestOf<Request>): Promise<readonly string[]> {
    if (this.#end !== undefined) throw this.#end;
    const id = ++this.#requests;
    this.#setReferenced(true);
    try {
      return await new Promise<readonly string[]>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        this.#child.stdin?.write(`${JSON.stringify({ ...request, id })}\n`);
      });
    } finally {
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#setReferenced(false);
    }
  }

  /** Stops the vault and waits until the process has ended. */
  async stop(): Promise<void> {
    this.#setReferenced(true);
    this.#child.stdin?.end();
    await this.#exited.catch(() => undefined);
  }

  #settle(message: Extract<Message, { event: 'result' | 'error' }>): void {
    const pending = this.#pending.get(message.id);
    if (message.event === 'result') pending?.resolve(message.lines);
    else pending?.reject(new Error(message.message));
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
  }

  /** Lets this process end by itself, or not, while the other one runs. */
  #setReferenced(isReferenced: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    // pipes of a child process are sockets
    for (const each of [this.#child, stdin as Socket | null, stdout as Socket | null, stderr as Socket | null]) {
      if (isReferenced) each?.ref();
      else each?.unref();
    }
  }
}

/** Returns the program's file: bundled beside this one, or its source, which needs a loader. */
function programArguments(): readonly string[] {
  if (!__filename.endsWith('.ts')) return [join(__dirname, 'vault-process.cjs')];
  return ['--import', 'tsx', join(__dirname, '..', '..', 'vault-process.ts')];
}
