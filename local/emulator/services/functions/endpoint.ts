import type { AwsService } from '../service';
import { LambdaError } from './errors';
import type { Place } from './function-name';
import { type FunctionOptions, type Invocation, LambdaFunction } from './lambda-function';
import { type LogLine, openLogSink } from './log-sink';
import type { InvocationFacts } from './observe';
import { overRest, requirePayloadSize } from './rest-protocol';

export type { Credentials } from './environment';
export type { FunctionOptions, Invocation, InvocationFacts, LogLine };

export interface LambdaEndpointOptions extends Place {
  readonly functions: readonly FunctionOptions[];
  /** folder for a log file of each function @default - no files */
  readonly logDir?: string;
  /** receives every line that a function's process writes @default - none */
  readonly onLog?: (line: LogLine) => void;
  /** receives each invocation when it has ended @default - none */
  readonly onInvoked?: ((facts: InvocationFacts) => void) | undefined;
  /** returns false to drop a function's lines @default - all lines are logged */
  readonly mayLog?: (name: string) => boolean;
}

export interface FunctionProcess {
  /** the function's name */
  readonly name: string;
  readonly pid: number;
  /** `$LATEST` or `1` */
  readonly version: string;
  /** true during an invocation */
  readonly busy: boolean;
}

/** Emulates AWS Lambda: Invoke, and the operations that describe functions, versions and aliases. */
export interface LambdaEndpoint extends AwsService {
  /** Invokes a function for another local service. `event` is JSON. Throws `LambdaError` if Lambda refuses the call. */
  invoke(name: string, event: string, qualifier: string): Promise<Invocation>;
  /** Returns the processes that can serve the next invocations. */
  processes(): readonly FunctionProcess[];
  /** Ends the function's processes, busy ones after their invocation, so that the next start is cold. */
  restart(name: string): Promise<void>;
  /** Replaces some options of a function, and its processes. */
  updateFunction(name: string, changes: Partial<Omit<FunctionOptions, 'name'>>): Promise<void>;
  /** Ends every process at once and waits until all have exited. */
  close(): Promise<void>;
}

/**
 * Creates a Lambda endpoint. It runs each function's bundle in processes of its own, with its own environment, and
 * invokes functions only synchronously.
 */
export function createLambdaEndpoint(options: LambdaEndpointOptions): LambdaEndpoint {
  const sink = openLogSink(options.logDir, options.onLog, options.mayLog);
  const functions = new Map(
    options.functions.map((each) => [each.name, new LambdaFunction(options, each, sink, options.onInvoked)]),
  );
  const find = (name: string): LambdaFunction => {
    const found = functions.get(name);
    if (found === undefined) throw new LambdaError('ResourceNotFoundException', `Function not found: ${name}`);
    return found;
  };

  return {
    ...overRest(options, { find, all: () => [...functions.values()] }),
    invoke: async (name, event, qualifier) => {
      requirePayloadSize(Buffer.byteLength(event));
      return find(name).invoke(event, qualifier);
    },
    processes: () =>
      [...functions].flatMap(([name, each]) => each.processes().map((process) => ({ name, ...process }))),
    restart: async (name) => find(name).restart(),
    updateFunction: async (name, changes) => find(name).update(changes),
    close: async () => {
      await Promise.all([...functions.values()].map((each) => each.close()));
      sink.close();
    },
  };
}
