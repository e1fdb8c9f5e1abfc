import { setTimeout as pause } from 'node:timers/promises';

/** Returns what a promise returns. Rejects with the signal's reason once that aborts; the promise is then ignored. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const listening = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const listener = (): void => reject(reasonOf(signal));
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener, { signal: listening.signal });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    listening.abort();
  }
}

/** Returns what a promise returns. Throws an error after some seconds; the promise is then ignored. */
export async function within<T>(seconds: number, promise: Promise<T>, error: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error()), seconds * 1_000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits. Rejects with the signal's reason once that aborts. */
export async function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(seconds * 1_000, undefined, { signal });
  } catch {
    throw reasonOf(signal);
  }
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error('expected no abort, got one');
}
