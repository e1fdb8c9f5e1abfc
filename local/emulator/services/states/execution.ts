import type { Machine } from './definition';
import { type Outside, interpret } from './interpret';
import type { Json, JsonObject } from './json';
import { StateError, TIMEOUT } from './state-error';
import { within } from './waiting';

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
export const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const satisfies readonly Status[];

/** A machine of the template. */
export interface StateMachine {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly machine: Machine;
  /** JSON */
  readonly definition: string;
}

export interface ExecutionOptions {
  readonly arn: string;
  readonly name: string;
  readonly of: StateMachine;
  /** JSON, as the caller sent it */
  readonly input: string;
  readonly parsedInput: Json;
  readonly outside: Outside;
}

/** The end of an execution. */
export interface Ended {
  readonly status: Status;
  readonly at: Date;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** One execution of a machine. It runs from its creation on, and only in memory. */
export class Execution {
  readonly startedAt: Date;
  /** resolves when the execution has ended; never rejects */
  readonly done: Promise<void>;
  readonly #options: ExecutionOptions;
  readonly #stop = new AbortController();
  #ended: Ended | undefined;

  constructor(options: ExecutionOptions) {
    this.#options = options;
    this.startedAt = options.outside.now();
    this.done = this.#run();
  }

  get arn(): string {
    return this.#options.arn;
  }

  get name(): string {
    return this.#options.name;
  }

  get of(): StateMachine {
    return this.#options.of;
  }

  get input(): string {
    return this.#options.input;
  }

  /** undefined while it runs */
  get ended(): Ended | undefined {
    return this.#ended;
  }

  get status(): Status {
    return this.#ended?.status ?? 'RUNNING';
  }

  /** Ends the execution. Invocations that run go on, and their results are ignored. Does nothing after its end. */
  abort(error?: string, cause?: string): void {
    this.#end({ status: 'ABORTED', error, cause });
    this.#stop.abort(new Error('expected an execution that runs, got one that was aborted'));
  }

  async #run(): Promise<void> {
    const { of, parsedInput, outside } = this.#options;
    const { TimeoutSeconds } = of.machine;
    const run = { outside, context: this.#context(), signal: this.#stop.signal };
    try {
      const output = interpret(of.machine, parsedInput, run);
      const late = (): Error => new StateError(TIMEOUT, TIMED_OUT);
      const result = await (TimeoutSeconds === undefined ? output : within(TimeoutSeconds, output, late));
      this.#end({ status: 'SUCCEEDED', output: JSON.stringify(result) });
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#stop.abort(new Error('expected an execution that runs, got one that has ended'));
    }
  }

  #fail(error: unknown): void {
    if (!(error instanceof StateError)) this.#end({ status: 'FAILED', error: 'States.Runtime', cause: String(error) });
    else if (error.reason === TIMED_OUT) this.#end({ status: 'TIMED_OUT', error: TIMEOUT });
    else this.#end({ status: 'FAILED', error: error.error, cause: error.reason });
  }

  #end(ended: Omit<Ended, 'at'>): void {
    this.#ended ??= { ...ended, at: this.#options.outside.now() };
  }

  #context(): JsonObject {
    const { arn, name, of, parsedInput } = this.#options;
    return {
      Execution: {
        Id: arn,
        Input: parsedInput,
        Name: name,
        RoleArn: of.roleArn,
        StartTime: this.startedAt.toISOString(),
      },
      StateMachine: { Id: of.arn, Name: of.name },
    };
  }
}

const TIMED_OUT = 'the execution took longer than its machine allows';
