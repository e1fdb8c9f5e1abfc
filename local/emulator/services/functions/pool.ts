import { LambdaError } from './errors';
import { type Launch, RuntimeProcess } from './runtime-process';

/** A function's processes: warm ones are used again, more are started under concurrency, up to a limit. */
export class ProcessPool {
  readonly #processes = new Set<RuntimeProcess>();
  readonly #busy = new Set<RuntimeProcess>();
  /** to be ended when their invocation is over */
  readonly #stale = new WeakSet<RuntimeProcess>();
  #closed = false;

  /** Whether a process of this version waits for its next invocation. */
  hasIdle(version: string): boolean {
    return this.list().some(({ process, busy }) => !busy && process.version === version);
  }

  /**
   * A process of this version, to be given back with `release`. Throws `TooManyRequestsException` where `limit`
   * processes are busy already.
   */
  acquire(launch: Launch, limit: number): { readonly process: RuntimeProcess; readonly cold: boolean } {
    if (this.#closed) throw new LambdaError('ServiceException', 'the endpoint is closing');
    if (this.#busy.size >= limit) {
      const reason = 'ReservedFunctionConcurrentInvocationLimitExceeded';
      throw new LambdaError('TooManyRequestsException', 'Rate Exceeded.', reason);
    }
    const warm = this.list().find((known) => !known.busy && known.process.version === launch.version)?.process;
    const process = warm ?? new RuntimeProcess(launch);
    this.#processes.add(process);
    this.#busy.add(process);
    return { process, cold: warm === undefined };
  }

  async release(process: RuntimeProcess): Promise<void> {
    this.#busy.delete(process);
    if (!process.ended && !this.#stale.has(process)) return;
    this.#processes.delete(process);
    await process.end();
  }

  /** The processes that are there, without those that only wait for their last invocation to end. */
  list(): readonly { readonly process: RuntimeProcess; readonly busy: boolean }[] {
    return [...this.#processes]
      .filter((process) => !process.ended && !this.#stale.has(process))
      .map((process) => ({ process, busy: this.#busy.has(process) }));
  }

  /** No process of today that is meant serves another invocation: idle ones end now, busy ones after theirs. */
  async retire(meant: (process: RuntimeProcess) => boolean = () => true): Promise<void> {
    const processes = [...this.#processes].filter(meant);
    for (const process of processes) this.#stale.add(process);
    const idle = processes.filter((process) => !this.#busy.has(process));
    for (const process of idle) this.#processes.delete(process);
    await Promise.all(idle.map((process) => process.end()));
  }

  /** Ends every process, busy or not; `acquire` throws from now on. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#processes].map((process) => process.end()));
    this.#processes.clear();
  }
}
