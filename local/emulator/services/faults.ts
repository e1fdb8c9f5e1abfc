/** A failure to inject, and the calls that get it. */
export interface Fault {
  /** @default - every operation without a fault of its own */
  readonly operation?: string;
  /** delay of the response, in milliseconds; without `error` the call then succeeds @default - no delay */
  readonly latencyMs?: number;
  /** `throttle`: ThrottlingException, status 400 · `500`: the service's internal error · `drop`: cuts the connection */
  readonly error?: 'throttle' | '500' | 'drop';
  /** number of calls that get the fault @default - all until it is cleared */
  readonly times?: number;
}

/** The faults of a service: one for each operation, and one for all others. */
export class Faults {
  readonly #faults = new Map<string | undefined, { readonly fault: Fault; left: number }>();

  /** Replaces the fault of the same operation. */
  set(fault: Fault): void {
    this.#faults.set(fault.operation, { fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#faults.clear();
  }

  /** Returns the fault for this call, and counts the call. */
  take(operation: string): Fault | undefined {
    const found = [operation, undefined].map((name) => this.#faults.get(name)).find((found) => found && found.left > 0);
    if (found) found.left -= 1;
    return found?.fault;
  }
}
