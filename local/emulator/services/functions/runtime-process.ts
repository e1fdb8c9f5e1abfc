import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { waitAtMost } from '../../wait';
import { END_MARKER, type InvokeMessage, type RuntimeMessage, parseRuntimeMessage } from './protocol';

const BOOTSTRAP = join(__dirname, 'runtime', 'bootstrap.mjs');
/** Maximum wait for a process's last lines after its result. */
const DRAIN_MS = 1_000;
/** Added to an invocation's timeout: on a busy machine a result can arrive late although it was sent in time. */
const GRACE_MS = 1_000;

export interface Launch {
  /** `$LATEST` or a version's number */
  readonly version: string;
  /** folder of the handler's module, and the working directory */
  readonly bundleDir: string;
  /** the complete environment of the process */
  readonly env: Readonly<Record<string, string>>;
  readonly initTimeoutMs: number;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string, requestId: string | undefined) => void;
}

/** The process's message, its exit, or a timeout. `exit`, `timeout` and fatal errors leave no process. */
export type Reply =
  | RuntimeMessage
  | { readonly type: 'exit'; readonly status: string | undefined }
  | { readonly type: 'timeout'; readonly afterMs: number };

/** One process with one function's bundle: an execution environment. It runs one invocation at a time. */
export class RuntimeProcess {
  readonly version: string;
  /** access key of the credentials in its environment */
  readonly accessKeyId: string | undefined;
  /** resolves with `ready` once the handler is loaded, or with the failure */
  readonly ready: Promise<Reply>;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  #ended = false;
  #exit: Reply | undefined;
  #requestId: string | undefined;
  #settle: ((reply: Reply) => void) | undefined;
  #markersRead: (() => void) | undefined;
  #missingMarkers = 0;

  constructor({ version, bundleDir, env, initTimeoutMs, onLine }: Launch) {
    this.version = version;
    this.accessKeyId = env.AWS_ACCESS_KEY_ID;
    this.#child = fork(BOOTSTRAP, [], {
      cwd: bundleDir,
      env,
      // inherit no options of this process, such as a loader or an inspector
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#closed = new Promise((resolve) => this.#watch(resolve));
    for (const stream of ['stdout', 'stderr'] as const) {
      const readable = this.#child[stream];
      if (readable !== null) readLines(readable, (line) => this.#read(line, (text) => onLine(stream, text, this.#requestId))); // prettier-ignore
    }
    this.ready = this.#next(initTimeoutMs).then((reply) => this.#conclude(reply));
  }

  /** undefined if the system could not start the process */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** true once the process has exited or is about to */
  get ended(): boolean {
    return this.#ended;
  }

  async invoke(message: InvokeMessage, timeoutMs: number): Promise<Reply> {
    this.#requestId = message.requestId;
    this.#missingMarkers = 2;
    const markersRead = new Promise<void>((resolve) => (this.#markersRead = resolve));
    const next = this.#next(timeoutMs, GRACE_MS);
    // if sending fails the process is about to exit; `next` then resolves with that
    if (!this.#ended) this.#child.send(message, () => undefined);
    const reply = await this.#conclude(await next, markersRead);
    this.#requestId = undefined;
    return reply;
  }

  /** Kills the process and waits until it has exited and its last lines are read. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#child.kill('SIGKILL');
    await waitAtMost(DRAIN_MS, this.#closed);
  }

  #watch(closed: () => void): void {
    this.#child.on('message', (message) => this.#receive(parseRuntimeMessage(message)));
    this.#child.on('exit', (code, signal) => this.#exited(exitStatus(code, signal)));
    this.#child.on('close', closed);
    this.#child.on('error', (error) => {
      if (this.#child.pid !== undefined) return;
      this.#exited(`could not be started: ${error.message}`);
      closed();
    });
  }

  #receive(message: RuntimeMessage | undefined): void {
    if (message === undefined) return;
    // an idle process can fail too; it must not get another invocation
    if (message.type === 'error' && message.fatal) this.#ended = true;
    this.#settle?.(message);
  }

  #exited(status: string | undefined): void {
    this.#ended = true;
    this.#exit = { type: 'exit', status };
    this.#settle?.(this.#exit);
  }

  #next(limitMs: number, graceMs = 0): Promise<Reply> {
    if (this.#exit !== undefined) return Promise.resolve(this.#exit);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle?.({ type: 'timeout', afterMs: limitMs }), limitMs + graceMs);
      this.#settle = (reply) => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(reply);
      };
    });
  }

  /** Ends a process that can't serve further invocations; otherwise waits for the invocation's last lines. */
  async #conclude(reply: Reply, markersRead?: Promise<void>): Promise<Reply> {
    const over = reply.type === 'exit' || reply.type === 'timeout' || (reply.type === 'error' && reply.fatal);
    if (over) await this.end();
    else if (markersRead !== undefined) await waitAtMost(DRAIN_MS, markersRead);
    return reply;
  }

  #read(line: string, onText: (text: string) => void): void {
    const match = END_MARKER.exec(line);
    const text = match === null ? line : line.slice(0, match.index);
    if (match === null || text !== '') onText(text);
    if (match?.[1] !== undefined && match[1] === this.#requestId && --this.#missingMarkers === 0) this.#markersRead?.();
  }
}

function exitStatus(code: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal !== null) return `signal: ${signal === 'SIGKILL' ? 'killed' : signal}`;
  return code === 0 ? undefined : `exit status ${code ?? 'unknown'}`;
}

/** Passes on each line of a stream of UTF-8 text, without its line break; the last line needs none. */
function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
