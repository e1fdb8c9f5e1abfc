import type { Step } from '../emulator/deploy';

/** A request to stop the program. */
export interface StopSignal {
  /** resolves at the first request */
  readonly requested: Promise<void>;
  isRequested(): boolean;
}

/**
 * Returns the signal that the first Ctrl-C or termination signal requests, or the end of standard output's reader. Later
 * signals have no effect.
 */
export function stopSignal(): StopSignal {
  let isRequested = false;
  const requested = new Promise<void>((resolve) => {
    const request = (): void => {
      isRequested = true;
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, request);
    process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
      // any error other than a closed pipe also stops the program, as a failure
      if (code !== 'EPIPE') process.exitCode = 1;
      request();
    });
  });
  return { requested, isRequested: () => isRequested };
}

/** The end of a command that did not finish, after a Ctrl-C. */
export class Interrupted extends Error {
  static {
    this.prototype.name = 'Interrupted';
  }

  constructor() {
    super('interrupted');
  }
}

/** Throws `Interrupted`. */
export function throwInterrupted(): never {
  throw new Interrupted();
}

/** Returns steps that end with `Interrupted` as soon as a stop is requested. */
export function interruptible(step: Step, stop: StopSignal): Step {
  return async (label, action, describe) => {
    if (stop.isRequested()) throwInterrupted();
    const result = await step(label, action, describe);
    if (stop.isRequested()) throwInterrupted();
    return result;
  };
}
