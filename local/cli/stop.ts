/**
 * Resolves at the first Ctrl-C or termination signal, or when the reader of standard output is gone. Later signals have
 * no effect.
 */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
      // any error other than a closed pipe also stops the program, as a failure
      if (code !== 'EPIPE') process.exitCode = 1;
      resolve();
    });
  });
}

/** Throws after a Ctrl-C, because the command did not finish. */
export function throwInterrupted(): never {
  throw new Error('interrupted');
}
