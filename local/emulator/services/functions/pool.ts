import { LambdaError } from './errors';
import { type Launch, RuntimeProcess } from './runtime-process';

/** A function's processes: reuses warm ones and starts more for concurrent invocations, up to a limit. */
export class ProcessPool {
  readonly #processes = new Set<RuntimeProcess>();
  readonly #busy = new Set<RuntimeProcess>();
  /** processes that end after their current invocation */
  readonly #stale = new WeakSet<RuntimeProcess>();
  #closed = false;

  /** Checks whether a process of this version is idle. */
  hasIdle(version: string): boolean {
    return this.list().some(({ process, busy }) => !busy && process.version === version);
  }

  /**
   * Returns a process of this version; the caller gives it back with `release`. Throws `TooManyRequestsException` if
   * `limit` processes are busy.
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

  /** Returns the processes that can serve invocations, without those that are retired. */
  list(): readonly { readonly process: RuntimeProcess; readonly busy: boolean }[] {
    return [...this.#processes]
      .filter((process) => !process.ended && !this.#stale.has(process))
      .map((process) => ({ process, busy: this.#busy.has(process) }));
  }

  /** Retires the matching processes: idle ones now, busy ones after their current invocation. */
  async retire(matches: (process: RuntimeProcess) => boolean = () => true): Promise<void> {
    const processes = [...this.#processes].filter(matches);
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
