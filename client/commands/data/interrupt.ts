import { constants } from 'node:os';
import { CommandFailure } from '../command';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs an action that is aborted at Ctrl-C and at the other signals that end a process, so that it can clean up. The
 * failure's exit code is a shell's for the signal.
 */
export async function interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (name: NodeJS.Signals): void => {
    const exit = 128 + constants.signals[name];
    controller.abort(new CommandFailure(`expected to be done, got ${name}`, { exit }));
  };
  for (const name of SIGNALS) process.on(name, abort);
  try {
    return await action(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, abort);
  }
}
