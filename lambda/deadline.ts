/** How long a call may still take: every step below a handler is given one, and none outlives it. */
export interface Deadline {
  /** aborts when the time is up */
  readonly signal: AbortSignal;
  /** milliseconds left, never negative */
  remainingMs(): number;
}

export function deadlineIn(milliseconds: number): Deadline {
  const end = performance.now() + milliseconds;
  return {
    signal: AbortSignal.timeout(Math.max(0, Math.floor(milliseconds))),
    remainingMs: () => Math.max(0, end - performance.now()),
  };
}
