/** How long a call may still take: every step below a handler is given one, and none outlives it. */
export interface Deadline {
  /** aborts when the time is up */
  readonly signal: AbortSignal;
  /** milliseconds left, never negative */
  remainingMs(): number;
}

/** When each deadline's signal aborts: a signal itself does not say it. */
const ends = new WeakMap<AbortSignal, number>();

/** The time is also up when `stopped` aborts. */
export function deadlineIn(milliseconds: number, stopped?: AbortSignal): Deadline {
  const end = performance.now() + milliseconds;
  const timeout = AbortSignal.timeout(Math.max(0, Math.floor(milliseconds)));
  const signal = stopped === undefined ? timeout : AbortSignal.any([timeout, stopped]);
  ends.set(signal, end);
  return { signal, remainingMs: () => remainingMs(signal) };
}

/** A signal with the end of another one, which also aborts once it is stopped. */
export interface Stoppable {
  readonly signal: AbortSignal;
  readonly stop: () => void;
  /** Removes the listener that the other signal has for it. */
  readonly release: () => void;
}

/** Returns a signal for a step that may be given up before the deadline. `AbortSignal.any` would cost each call more. */
export function stoppable(deadline: AbortSignal): Stoppable {
  const own = new AbortController();
  const end = ends.get(deadline);
  if (end !== undefined) ends.set(own.signal, end);
  const expire = (): void => own.abort(deadline.reason);
  deadline.addEventListener('abort', expire);
  if (deadline.aborted) expire();
  return {
    signal: own.signal,
    stop: () => own.abort(),
    release: () => deadline.removeEventListener('abort', expire),
  };
}

/**
 * Waits for a promise for so many milliseconds, then rejects with the error of `timeoutError`. The promise may still
 * reject later: it counts as handled.
 */
export async function withinMs<T>(milliseconds: number, promise: Promise<T>, timeoutError: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timeoutError()), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the milliseconds until a deadline's signal aborts, at least 0; `Infinity` for another signal, and for none. */
export function remainingMs(signal: AbortSignal | undefined): number {
  const end = signal === undefined ? undefined : ends.get(signal);
  return end === undefined ? Number.POSITIVE_INFINITY : Math.max(0, end - performance.now());
}
