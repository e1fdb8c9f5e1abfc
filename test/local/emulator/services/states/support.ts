import { readMachine } from '../../../../../local/emulator/services/states/definition';
import { type Invoke, type ServiceCall, interpret } from '../../../../../local/emulator/services/states/interpret';
import type { Json } from '../../../../../local/emulator/services/states/json';
import { StateError } from '../../../../../local/emulator/services/states/state-error';

export const INVOKE = 'arn:aws:states:::lambda:invoke';

/** Responses of functions by their names; an error of a state for each call that fails. */
export type Functions = Readonly<Record<string, (call: Invoke) => Json | Promise<Json>>>;

/** Returns the responses of other services. */
export type Services = (call: ServiceCall) => Json | Promise<Json>;

/**
 * Runs a definition. Returns its output or its error, the waits in seconds, and the calls of functions and of other
 * services.
 */
export async function run(
  definition: object,
  input: Json = {},
  functions: Functions = {},
  random = 1,
  services: Services = () => null,
) {
  const sleeps: number[] = [];
  const calls: Invoke[] = [];
  const serviceCalls: ServiceCall[] = [];
  const outside = {
    invoke: async (call: Invoke) => {
      calls.push(call);
      return (await functions[call.functionName]?.(call)) ?? null;
    },
    callService: async (call: ServiceCall) => {
      serviceCalls.push(call);
      return services(call);
    },
    sleep: async (seconds: number) => void sleeps.push(seconds),
    now: () => new Date(0),
    random: () => random,
  };
  const context = { Execution: { Name: 'run-1', Input: input }, StateMachine: { Name: 'machine' } };
  const { signal } = new AbortController();
  try {
    const output = await interpret(readMachine(definition), input, { outside, context, signal });
    return { output, sleeps, calls, serviceCalls };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { error: error.error, cause: error.reason, sleeps, calls, serviceCalls };
  }
}

/** A machine of one task that calls the function `work`. */
export function taskMachine(members: object, others: object = {}) {
  const Work = { Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: 'work' }, End: true, ...members };
  return { StartAt: 'Work', States: { Work, ...others } };
}

/** Returns a function that fails with these errors, one a call, and then returns `done`. */
export function failing(...errors: readonly string[]): () => Json {
  const left = [...errors];
  return () => {
    const error = left.shift();
    if (error !== undefined) throw new StateError(error, `cause of ${error}`);
    return 'done';
  };
}
