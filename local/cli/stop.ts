/**
 * Resolves at the first Ctrl-C or request to end, or when nobody reads any longer what is printed; a second one while
 * stopping changes nothing.
 */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
      // another error than that of a closed pipe is no better reason to leave anything running
      if (code !== 'EPIPE') process.exitCode = 1;
      resolve();
    });
  });
}

/** What is left undone at Ctrl-C. */
export function interrupted(): never {
  throw new Error('interrupted');
}
