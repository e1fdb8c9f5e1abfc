import { setImmediate } from 'node:timers/promises';

/** Runs a step of a build, and prints to standard error that it runs, and its duration when it has ended. */
export async function progress<T>(label: string, action: () => T | Promise<T>): Promise<T> {
  const began = performance.now();
  process.stderr.write(`${label} … `);
  try {
    return await action();
  } finally {
    process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(1)} s\n`);
    // a signal that came during a synchronous step is handled now
    await setImmediate();
  }
}
