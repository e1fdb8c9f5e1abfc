import { holds } from './choice';
import {
  type Branch,
  type CallState,
  type InvokeState,
  type ParallelState,
  type State,
  type TaskState,
  calledBy,
  isCall,
} from './definition';
import { type Json, type JsonObject, isJsonObject } from './json';
import { requireValueAt, withValueAt } from './path';
import { evaluate } from './payload-template';
import { delayOf, matches } from './retry';
import { StateError, TIMEOUT, runtimeError } from './state-error';
import { unlessAborted, within } from './waiting';

/** An invocation of a function by a `Task` state. */
export interface Invoke {
  /** a name or an ARN, with or without a qualifier */
  readonly functionName: string;
  readonly qualifier: string | undefined;
  readonly payload: Json;
}

/** A call of another service by a `Task` state. */
export interface ServiceCall {
  /** `rds` */
  readonly service: string;
  /** the API's name: `DescribeDBClusters` */
  readonly operation: string;
  /** by Step Functions' names: `DbClusterIdentifier` */
  readonly parameters: JsonObject;
}

/** What a machine needs from outside. */
export interface Outside {
  /** Returns the response of another service, by Step Functions' names. Throws `StateError`. */
  callService(call: ServiceCall): Promise<Json>;
  /** Returns the response of `lambda:invoke`. Throws `StateError`. */
  invoke(call: Invoke): Promise<Json>;
  /** Waits. Rejects if the signal aborts. */
  sleep(seconds: number, signal: AbortSignal): Promise<void>;
  now(): Date;
  /** Returns a number from 0 to 1, for jitter. */
  random(): number;
}

/** One run of a machine. */
export interface Run {
  readonly outside: Outside;
  /** the context object, without the member `State` */
  readonly context: JsonObject;
  readonly signal: AbortSignal;
}

/** A state's output, and the state that follows; undefined at an end. */
interface Left {
  readonly output: Json;
  readonly next: string | undefined;
}

/** Runs a machine or a branch. Returns the output of its last state. Throws `StateError`, and the reason of an abort. */
export async function interpret({ StartAt, States }: Branch, input: Json, run: Run): Promise<Json> {
  let at: Left = { output: input, next: StartAt };
  while (at.next !== undefined) {
    run.signal.throwIfAborted();
    const state = States[at.next];
    if (state === undefined) throw runtimeError(`expected a state ${at.next}, got none`);
    at = await enter(at.next, state, at.output, run);
  }
  return at.output;
}

/** Runs a state with its retriers and catchers. */
async function enter(name: string, state: State, input: Json, run: Run): Promise<Left> {
  const retries: number[] = [];
  for (;;) {
    const context = contextOf(
      name,
      retries.reduce((sum, count) => sum + count, 0),
      run,
    );
    try {
      return await leave(state, input, { ...run, context });
    } catch (error) {
      if (!(error instanceof StateError) || !('Retry' in state)) throw error;
      const index = state.Retry.findIndex(({ ErrorEquals }) => matches(ErrorEquals, error));
      const [retrier, attempt] = [state.Retry[index], (retries[index] ?? 0) + 1];
      if (retrier === undefined || attempt > retrier.MaxAttempts) return caught(state, input, error);
      retries[index] = attempt;
      await run.outside.sleep(delayOf(retrier, attempt, run.outside.random()), run.signal);
    }
  }
}

function contextOf(Name: string, RetryCount: number, { context, outside }: Run): JsonObject {
  return { ...context, State: { EnteredTime: outside.now().toISOString(), Name, RetryCount } };
}

/** Returns the way that a catcher shows. Throws the error if none matches it. */
function caught({ Catch }: TaskState | ParallelState, input: Json, error: StateError): Left {
  const catcher = Catch.find(({ ErrorEquals }) => matches(ErrorEquals, error));
  if (catcher === undefined) throw error;
  const result = {
    ...(error.error !== undefined && { Error: error.error }),
    ...(error.reason !== undefined && { Cause: error.reason }),
  };
  return { output: placed(catcher.ResultPath, input, result), next: catcher.Next };
}

async function leave(state: State, raw: Json, run: Run): Promise<Left> {
  if (state.Type === 'Fail') throw new StateError(state.Error, state.Cause);
  const { context } = run;
  const input = selected(state.InputPath, raw, context);
  const output = (data: Json): Json => selected(state.OutputPath, data, context);
  switch (state.Type) {
    case 'Succeed':
      return { output: output(input), next: undefined };
    case 'Choice': {
      const next = state.Choices.find((rule) => holds(rule, input, context))?.Next ?? state.Default;
      if (next === undefined) throw runtimeError('expected a choice that holds or a default, got none');
      return { output: output(input), next };
    }
    case 'Wait':
      await run.outside.sleep(state.Seconds, run.signal);
      return { output: output(input), next: state.Next };
    case 'Pass': {
      const { Result, Parameters } = state;
      const made = Parameters ? evaluate(Parameters, input, context) : input;
      const result = Result === undefined ? made : Result;
      return { output: output(placed(state.ResultPath, raw, result)), next: state.Next };
    }
    case 'Task':
    case 'Parallel': {
      const result = state.Type === 'Task' ? await task(state, input, run) : await parallel(state, input, run);
      const kept = state.ResultSelector ? evaluate(state.ResultSelector, result, context) : result;
      return { output: output(placed(state.ResultPath, raw, kept)), next: state.Next };
    }
  }
}

/** Returns the data at a path; an empty object for null. */
function selected(path: string | null, data: Json, context: JsonObject): Json {
  return path === null ? {} : requireValueAt(path, data, context);
}

/** Returns a state's input with its result at a path; the input for null. */
function placed(path: string | null, input: Json, result: Json): Json {
  return path === null ? input : withValueAt(path, input, result);
}

async function task(state: TaskState, input: Json, run: Run): Promise<Json> {
  const { TimeoutSeconds } = state;
  const response = unlessAborted(
    isCall(state) ? callService(state, input, run) : invoke(state, input, run),
    run.signal,
  );
  if (TimeoutSeconds === undefined) return response;
  return within(TimeoutSeconds, response, () => new StateError(TIMEOUT, undefined));
}

async function callService(state: CallState, input: Json, { outside, context }: Run): Promise<Json> {
  const parameters = evaluate(state.Parameters, input, context);
  return outside.callService({ ...calledBy(state), parameters: isJsonObject(parameters) ? parameters : {} });
}

async function invoke({ Parameters }: InvokeState, input: Json, run: Run): Promise<Json> {
  const { FunctionName: functionName, Qualifier: qualifier } = Parameters;
  const dynamic = Parameters['Payload.$'];
  const payload =
    dynamic === undefined
      ? evaluate(Parameters.Payload ?? {}, input, run.context)
      : requireValueAt(dynamic, input, run.context);
  return run.outside.invoke({ functionName, qualifier, payload });
}

/** Runs the branches at once, each with the state's input. If one fails, aborts the others and throws its error. */
async function parallel({ Branches, Parameters }: ParallelState, data: Json, run: Run): Promise<Json> {
  const input = Parameters ? evaluate(Parameters, data, run.context) : data;
  const failed = new AbortController();
  const signal = AbortSignal.any([run.signal, failed.signal]);
  const branches = Branches.map(async (branch) => {
    try {
      return await interpret(branch, input, { ...run, signal });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  const ended = await Promise.allSettled(branches);
  run.signal.throwIfAborted();
  failed.signal.throwIfAborted();
  return ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}
