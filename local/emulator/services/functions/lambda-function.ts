import { randomUUID } from 'node:crypto';
import { type Credentials, environmentOf } from './environment';
import { LambdaError } from './errors';
import { type Place, functionArn } from './function-name';
import { InvocationLog } from './invocation-log';
import type { LogSink } from './log-sink';
import { type InvocationFacts, observe } from './observe';
import { type Outcome, outcomeOf } from './outcome';
import { ProcessPool } from './pool';
import type { Launch, RuntimeProcess } from './runtime-process';

export interface FunctionOptions {
  readonly name: string;
  /** folder of the handler's module: `index.mjs` or `index.js` */
  readonly bundleDir: string;
  /** `FILE.EXPORT` @default 'index.handler' */
  readonly handler?: string;
  /** the function's own variables @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** aliases of the published version, 1 @default - none */
  readonly aliases?: readonly string[];
  /** @default 3000 */
  readonly timeoutMs?: number;
  /** maximum number of concurrent invocations; Lambda refuses more @default 10 */
  readonly maxConcurrency?: number;
  /** reported to the handler, not enforced @default 256 */
  readonly memoryMb?: number;
  /** returns the current credentials; processes with older ones are replaced */
  readonly credentials: () => Credentials;
  /** runs before an invocation starts a process; refuses the invocation by throwing @default - no check */
  readonly beforeStart?: () => Promise<void>;
  /** further members of GetFunctionConfiguration's response, without effect on the function @default - none */
  readonly extraConfiguration?: Readonly<Record<string, unknown>>;
  /** further members of GetFunction's response @default - none */
  readonly details?: FunctionDetails;
  /** maximum time to load the bundle @default - 10000, or `timeoutMs` if longer: Lambda retries with that limit */
  readonly initTimeoutMs?: number;
}

/** GetFunctionConfiguration's response; a template's settings without effect are further members. */
export interface FunctionConfiguration extends Readonly<Record<string, unknown>> {
  readonly FunctionName: string;
  readonly FunctionArn: string;
  readonly Version: string;
  /** undefined in lists */
  readonly State: string | undefined;
  /** undefined in lists */
  readonly LastUpdateStatus: string | undefined;
}

/** Members that only GetFunction's response has. */
export interface FunctionDetails {
  readonly Tags?: Readonly<Record<string, string>>;
  readonly Concurrency?: { readonly ReservedConcurrentExecutions: number };
}

/** An alias, as Lambda describes it. */
export interface AliasDescription {
  readonly AliasArn: string;
  readonly Name: string;
  readonly FunctionVersion: string;
  readonly Description: string;
}

export interface Invocation extends Outcome {
  readonly requestId: string;
  readonly version: string;
  /** the last 4 KB of the invocation's log */
  readonly logTail: Buffer;
}

const TIMEOUT_MS = 3_000;
const INIT_MS = 10_000;

/** One function with its versions, aliases and processes. */
export class LambdaFunction {
  readonly #place: Place;
  readonly #sink: LogSink;
  readonly #pool = new ProcessPool();
  readonly #underway = new Set<Promise<unknown>>();
  readonly #logs = new Map<string, InvocationLog>();
  readonly #onInvoked: ((facts: InvocationFacts) => void) | undefined;
  #options: FunctionOptions;

  constructor(place: Place, options: FunctionOptions, sink: LogSink, onInvoked?: (facts: InvocationFacts) => void) {
    this.#place = place;
    this.#options = options;
    this.#sink = sink;
    this.#onInvoked = onInvoked;
    this.#launch('1');
  }

  /** Returns `1` for `1` and aliases, `$LATEST` for `$LATEST` and no qualifier. Throws `ResourceNotFoundException`. */
  versionOf(qualifier: string | undefined): string {
    if (qualifier === undefined || qualifier === '$LATEST') return '$LATEST';
    if (qualifier === '1' || (this.#options.aliases ?? []).includes(qualifier)) return '1';
    const arn = functionArn(this.#place, { name: this.#options.name, qualifier });
    throw new LambdaError('ResourceNotFoundException', `Function not found: ${arn}`);
  }

  /** Returns the response of GetFunctionConfiguration. Throws `ResourceNotFoundException`. */
  configuration(qualifier: string | undefined): FunctionConfiguration {
    const {
      name,
      handler = 'index.handler',
      env = {},
      memoryMb = 256,
      timeoutMs = TIMEOUT_MS,
      extraConfiguration,
    } = this.#options;
    return {
      FunctionName: name,
      FunctionArn: functionArn(this.#place, { name, qualifier }),
      Version: this.versionOf(qualifier),
      Handler: handler,
      MemorySize: memoryMb,
      Timeout: Math.ceil(timeoutMs / 1_000),
      State: 'Active',
      LastUpdateStatus: 'Successful',
      Environment: { Variables: env },
      ...extraConfiguration,
    };
  }

  get details(): FunctionDetails {
    return this.#options.details ?? {};
  }

  aliases(): readonly AliasDescription[] {
    const { name, aliases = [] } = this.#options;
    return aliases.map((alias) => ({
      AliasArn: functionArn(this.#place, { name, qualifier: alias }),
      Name: alias,
      FunctionVersion: this.versionOf(alias),
      Description: '',
    }));
  }

  /** @param event JSON */
  invoke(event: string, qualifier: string | undefined): Promise<Invocation> {
    const called = { name: this.#options.name, qualifier };
    return observe(called, () => this.#invoke(event, qualifier), this.#onInvoked);
  }

  async #invoke(event: string, qualifier: string | undefined): Promise<Invocation> {
    const version = this.versionOf(qualifier);
    const { accessKeyId } = this.#options.credentials();
    await this.#pool.retire((process) => process.accessKeyId !== accessKeyId);
    if (!this.#pool.hasIdle(version)) await this.#options.beforeStart?.();
    const { process, cold } = this.#pool.acquire(this.#launch(version), this.#options.maxConcurrency ?? 10);
    const work = this.#run(process, cold, event, qualifier).finally(() => this.#pool.release(process));
    this.#underway.add(work);
    return work.finally(() => this.#underway.delete(work));
  }

  processes(): readonly { readonly pid: number; readonly version: string; readonly busy: boolean }[] {
    return this.#pool
      .list()
      .flatMap(({ process: { pid, version }, busy }) => (pid === undefined ? [] : [{ pid, version, busy }]));
  }

  /** Replaces options; the next invocations run in new processes. Throws and changes nothing if they are invalid. */
  async update(changes: Partial<Omit<FunctionOptions, 'name'>>): Promise<void> {
    const before = this.#options;
    this.#options = { ...before, ...changes };
    try {
      this.#launch('1');
    } catch (error) {
      this.#options = before;
      throw error;
    }
    await this.restart();
  }

  restart(): Promise<void> {
    return this.#pool.retire();
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await Promise.allSettled(this.#underway);
  }

  async #run(
    process: RuntimeProcess,
    cold: boolean,
    event: string,
    qualifier: string | undefined,
  ): Promise<Invocation> {
    const { name, timeoutMs = TIMEOUT_MS, memoryMb = 256 } = this.#options;
    const requestId = randomUUID();
    const began = performance.now();
    const started = await process.ready;
    const initMs = cold ? performance.now() - began : undefined;
    const log = new InvocationLog(this.#sink, { name, requestId, version: process.version, memoryMb, initMs });
    this.#logs.set(requestId, log);
    const deadline = Date.now() + timeoutMs;
    const invokedFunctionArn = functionArn(this.#place, { name, qualifier });
    const reply =
      started.type === 'ready'
        ? await process.invoke({ requestId, event, invokedFunctionArn, deadline }, timeoutMs)
        : started;
    this.#logs.delete(requestId);
    const outcome = outcomeOf(requestId, reply);
    return { ...outcome, requestId, version: process.version, logTail: log.end(outcome.problem) };
  }

  /** Throws if the options set a reserved variable. */
  #launch(version: string): Launch {
    const { name, bundleDir, handler, env = {}, memoryMb = 256, timeoutMs = TIMEOUT_MS, credentials } = this.#options;
    return {
      version,
      bundleDir,
      env: environmentOf(this.#place, {
        ...{ name, version, bundleDir, handler, env, memoryMb },
        credentials: credentials(),
      }),
      initTimeoutMs: this.#options.initTimeoutMs ?? Math.max(INIT_MS, timeoutMs),
      onLine: (stream, line, requestId) => {
        const log = requestId === undefined ? undefined : this.#logs.get(requestId);
        if (log === undefined) this.#sink.write({ function: name, stream, requestId, line });
        else log.write(stream, line);
      },
    };
  }
}
