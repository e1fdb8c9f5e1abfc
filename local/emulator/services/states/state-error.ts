/** An error of a state, by the name that `Retry` and `Catch` match. */
export class StateError extends Error {
  /** undefined for a `Fail` state without a name */
  readonly error: string | undefined;
  readonly reason: string | undefined;

  constructor(error: string | undefined, reason: string | undefined) {
    super(`${error ?? 'no name'}: ${reason ?? 'no cause'}`);
    this.error = error;
    this.reason = reason;
  }
}

/** An error of the definition or of its data, such as a path to nothing. `States.ALL` does not match it. */
export function runtimeError(reason: string): StateError {
  return new StateError(RUNTIME, reason);
}

export const RUNTIME = 'States.Runtime';
export const TIMEOUT = 'States.Timeout';
