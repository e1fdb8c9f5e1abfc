import { AwsError } from '../errors';
import type { Outcome } from './outcome';

/** An invocation that was attempted: nothing of its payload, of its result or of an error's message. */
export interface InvocationFacts {
  /** the function's name */
  readonly name: string;
  /** the alias or version; undefined without a qualifier */
  readonly qualifier: string | undefined;
  /** `error`: the function failed, or its HTTP status is 400 or more; `refused`: it did not run */
  readonly outcome: 'ok' | 'error' | 'refused';
  /** the error's type */
  readonly code: string | undefined;
  /** the HTTP status, if the function returned a response for an HTTP API */
  readonly status: number | undefined;
  readonly milliseconds: number;
}

/** An error's type as handlers and Lambda name it. Any other text could be part of a message. */
const CODE = /^[A-Za-z][\w.]{0,63}$/;

/** Runs an invocation and reports it when it has ended. Reads no response if there is no observer. */
export async function observe<T extends Outcome>(
  called: Pick<InvocationFacts, 'name' | 'qualifier'>,
  invoke: () => Promise<T>,
  onInvoked: ((facts: InvocationFacts) => void) | undefined,
): Promise<T> {
  if (onInvoked === undefined) return invoke();
  const began = performance.now();
  const report = (facts: Pick<InvocationFacts, 'outcome' | 'code' | 'status'>): void =>
    onInvoked({ ...called, ...facts, milliseconds: performance.now() - began });
  try {
    const invocation = await invoke();
    report(factsOf(invocation));
    return invocation;
  } catch (error) {
    report({
      outcome: 'refused',
      code: error instanceof AwsError ? error.name : 'ServiceException',
      status: undefined,
    });
    throw error;
  }
}

function factsOf({ body, functionError }: Outcome): Pick<InvocationFacts, 'outcome' | 'code' | 'status'> {
  if (functionError) return { outcome: 'error', code: codeOf(memberOf(body, 'errorType')), status: undefined };
  const status = statusOf(memberOf(body, 'statusCode'));
  return { outcome: status !== undefined && status >= 400 ? 'error' : 'ok', code: undefined, status };
}

function codeOf(type: unknown): string {
  return typeof type === 'string' && CODE.test(type) ? type : 'Unknown';
}

function statusOf(status: unknown): number | undefined {
  return Number.isInteger(status) && Number(status) >= 100 && Number(status) <= 599 ? Number(status) : undefined;
}

/** Returns a member of a JSON object; undefined for other JSON. */
function memberOf(json: string, name: string): unknown {
  const parsed: unknown = JSON.parse(json);
  return typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined;
}
