/** What a shared call gets. */
export interface SharedCall {
  /** aborts with the last caller */
  readonly signal: AbortSignal;
  /** Returns false once the call's result is outdated: another call took its place, or `forget` was called. */
  readonly isCurrent: () => boolean;
}

type Start<T> = (call: SharedCall) => Promise<T>;

/**
 * Calls that concurrent callers share, by key. A caller that aborts stops waiting and leaves the call to the others. Once
 * the last caller has left, the call is aborted, so that the next caller doesn't wait for it.
 */
export class SharedCalls<T> {
  readonly #current = new Map<string, Waited<T>>();

  /** Joins the current call of a key, or starts one. */
  join(key: string, start: Start<T>, signal: AbortSignal | undefined): Promise<T> {
    const current = this.#current.get(key);
    return current === undefined ? this.restart(key, start, signal) : this.#wait(key, current, signal);
  }

  /** Starts a call in the place of the current one; callers of the earlier call keep waiting for that. */
  restart(key: string, start: Start<T>, signal: AbortSignal | undefined): Promise<T> {
    const call = new Waited<T>(start, (of) => this.#current.get(key) === of);
    this.#current.set(key, call);
    return this.#wait(key, call, signal);
  }

  /** Marks the current call's result as outdated; the next caller starts another call. */
  forget(key: string): void {
    this.#current.delete(key);
  }

  #wait(key: string, call: Waited<T>, signal: AbortSignal | undefined): Promise<T> {
    // before the call is aborted: nobody may join it any more
    return call.wait(signal, () => {
      if (this.#current.get(key) === call) this.forget(key);
    });
  }
}

/** A running call and the number of its callers. */
class Waited<T> {
  #waiting = 0;
  readonly #abort = new AbortController();
  readonly #result: Promise<T>;

  constructor(start: Start<T>, isCurrent: (call: Waited<T>) => boolean) {
    // later: the call has to be the current one before it starts
    this.#result = Promise.resolve().then(() =>
      start({ signal: this.#abort.signal, isCurrent: () => isCurrent(this) }),
    );
    // without callers, a failure is nobody's
    this.#result.catch(() => undefined);
  }

  /** @param onLast runs once the last caller leaves */
  async wait(signal: AbortSignal | undefined, onLast: () => void): Promise<T> {
    this.#waiting += 1;
    try {
      signal?.throwIfAborted();
      return await (signal === undefined ? this.#result : untilAborted(this.#result, signal));
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) {
        onLast();
        this.#abort.abort();
      }
    }
  }
}

/** Waits for a result, but throws the signal's reason if it aborts first. */
async function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, resolve: onAbort } = Promise.withResolvers<unknown>();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([result, aborted]);
    signal.throwIfAborted();
    return await result;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
