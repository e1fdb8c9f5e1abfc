import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { ScaleFunction } from './vault-process';

const BUNDLES = join(__dirname, '..', '..', 'dist', 'lambda');
/** Variables of this process that an environment keeps; the function's own decide all else. */
const KEPT = ['PATH', 'HOME', 'TMPDIR'];
/** Processes that start at the same time. */
const AT_ONCE = 4;

/** An execution environment: a process with a function's bundle, variables and credentials. */
export class Environment {
  /** Starts an environment. The bundle is loaded; its connections open at the first call. */
  public static async start({ name, arn, env }: ScaleFunction): Promise<Environment> {
    const kept = Object.fromEntries(KEPT.map((variable) => [variable, process.env[variable]]));
    const child = fork(join(__dirname, 'environment.mjs'), [join(BUNDLES, name, 'index.mjs'), arn], {
      execArgv: [],
      env: { ...kept, ...env },
      // a handler logs a line a call
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await callsOf(child);
    return new Environment(child);
  }

  private constructor(private readonly child: ChildProcess) {}

  /** Handles the events one after another, and returns the time of each in milliseconds. Throws if one fails. */
  public async call(events: readonly object[]): Promise<readonly number[]> {
    const { ms, errors } = await this.tryCall(events);
    if (errors.length > 0) throw new Error(`expected a response, got ${errors.join('; ')}`);
    return ms;
  }

  /** Handles the events one after another. */
  public tryCall(events: readonly object[]): Promise<Calls> {
    const calls = callsOf(this.child);
    this.child.send(events);
    return calls;
  }

  /** Ends the process. */
  public stop(): Promise<void> {
    return new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.kill();
    });
  }
}

/** Starts so many environments of a function for a use, and ends them after it. */
export async function withEnvironments<T>(
  fn: ScaleFunction,
  count: number,
  use: (environments: readonly Environment[]) => Promise<T>,
): Promise<T> {
  const environments: Environment[] = [];
  try {
    while (environments.length < count) {
      const more = Math.min(AT_ONCE, count - environments.length);
      environments.push(...(await Promise.all(Array.from({ length: more }, () => Environment.start(fn)))));
    }
    return await use(environments);
  } finally {
    await Promise.all(environments.map((environment) => environment.stop()));
  }
}

/** What became of calls. */
export interface Calls {
  /** the time of each that succeeded, in milliseconds */
  readonly ms: readonly number[];
  /** of the others: code and message */
  readonly errors: readonly string[];
}

function callsOf(child: ChildProcess): Promise<Calls> {
  return new Promise((resolve, reject) => {
    const exited = (code: number | null): void => reject(new Error(`expected a response, got exit ${code}`));
    child.once('exit', exited);
    child.once('message', (calls: Calls) => {
      child.off('exit', exited);
      resolve(calls);
    });
  });
}
