import * as v from 'valibot';
import type { InvocationFacts } from '../services/functions/endpoint';
import type { SignedCall } from '../services/guard';

/** A call of a function that has ended: nothing of its payload, of its result or of an error's message. */
export interface FunctionCall extends Omit<InvocationFacts, 'name'> {
  /** the time of its end, in ISO 8601 */
  readonly at: string;
  /** the function's name */
  readonly function: string;
}

type OnCall = ((call: FunctionCall) => void) | undefined;

/** Reports invocations as calls. */
export function invocationCalls(onCall: OnCall): ((facts: InvocationFacts) => void) | undefined {
  if (onCall === undefined) return undefined;
  return ({ name, ...facts }) => onCall({ at: new Date().toISOString(), function: name, ...facts });
}

const INVOKE = v.object({ FunctionName: v.string(), Qualifier: v.optional(v.string()) });

/** Reports refused invocations as calls: no function ran. */
export function refusedCalls(onCall: OnCall): ((call: SignedCall, code: string) => void) | undefined {
  if (onCall === undefined) return undefined;
  return ({ service, operation, input }, code) => {
    if (service !== 'lambda' || operation !== 'Invoke') return;
    const { FunctionName, Qualifier: qualifier } = v.parse(INVOKE, input);
    const call = { function: FunctionName, qualifier, outcome: 'refused', code } as const;
    onCall({ at: new Date().toISOString(), ...call, status: undefined, milliseconds: 0 });
  };
}
