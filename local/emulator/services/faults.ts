/** What is to go wrong, and for which calls. */
export interface Fault {
  /** by default every operation */
  readonly operation?: string;
  /** how long the answer is held back, in milliseconds; without an error the call then goes on as usual */
  readonly latencyMs?: number;
  /** `throttle`: ThrottlingException, status 400 · `500`: the service's internal error · `drop`: the connection is cut */
  readonly error?: 'throttle' | '500' | 'drop';
  /** how many calls it strikes; by default all until it is cleared */
  readonly times?: number;
}

/** The faults that a service is to show, one an operation and one for all others. */
export class Faults {
  readonly #standing = new Map<string | undefined, { readonly fault: Fault; left: number }>();

  /** Replaces what stood for the same operation. */
  set(fault: Fault): void {
    this.#standing.set(fault.operation, { fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#standing.clear();
  }

  /** The fault that strikes this call, counted off. */
  take(operation: string): Fault | undefined {
    const standing = [operation, undefined]
      .map((name) => this.#standing.get(name))
      .find((found) => found && found.left > 0);
    if (standing) standing.left -= 1;
    return standing?.fault;
  }
}
