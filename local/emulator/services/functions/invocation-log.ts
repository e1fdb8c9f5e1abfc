import type { LogLine, LogSink } from './log-sink';

const TAIL_BYTES = 4_096;

export interface LoggedInvocation {
  /** the function's name */
  readonly name: string;
  readonly requestId: string;
  readonly version: string;
  readonly memoryMb: number;
  /** start time of the process; undefined for a warm one */
  readonly initMs: number | undefined;
}

/** Logs one invocation between Lambda's START and REPORT lines; keeps the last 4 KB. */
export class InvocationLog {
  readonly #sink: LogSink;
  readonly #facts: LoggedInvocation;
  readonly #began = performance.now();
  #tail = '';

  constructor(sink: LogSink, facts: LoggedInvocation) {
    this.#sink = sink;
    this.#facts = facts;
    this.write('platform', `START RequestId: ${facts.requestId} Version: ${facts.version}`);
  }

  write(stream: LogLine['stream'], line: string): void {
    const { name, requestId } = this.#facts;
    this.#sink.write({ function: name, stream, requestId, line });
    this.#tail = `${this.#tail}${line}\n`.slice(-TAIL_BYTES);
  }

  /** Writes the last lines and returns the last 4 KB. */
  end(problem: string | undefined): Buffer {
    const { requestId, memoryMb, initMs } = this.#facts;
    if (problem !== undefined) this.write('platform', problem);
    this.write('platform', `END RequestId: ${requestId}`);
    const duration = performance.now() - this.#began;
    const report = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${duration.toFixed(2)} ms`,
      `Billed Duration: ${Math.ceil(duration)} ms`,
      `Memory Size: ${memoryMb} MB`,
      ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
    ];
    this.write('platform', report.join('\t'));
    return Buffer.from(this.#tail).subarray(-TAIL_BYTES);
  }
}
