/**
 * Waits for every promise to end, then throws the first failure or returns the results. `Promise.all` would throw early:
 * a promise that still holds a material would go on after the response, in a process that Lambda has frozen.
 */
export async function waitForAll<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(promises);
  return results.map(valueOf);
}

/** Returns the value of a promise that ended, or throws why it failed. */
export function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** Returns the value of a promise that ended, `undefined` if it failed: for what has to be wiped. */
export function valueIfAny<T>(result: PromiseSettledResult<T>): T | undefined {
  return result.status === 'fulfilled' ? result.value : undefined;
}

/** Runs an action once the requests that were just begun have left: it takes processor time while their services work. */
export async function whileWaiting<T>(action: () => T): Promise<T> {
  await new Promise((resolve) => setImmediate(resolve));
  return action();
}

/** Acts on each item in turn, on the others too if one fails; then throws the first failure. */
export async function eachInTurn<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: Promise<R>[] = [];
  for (const item of items) {
    const result = act(item);
    results.push(result);
    await Promise.allSettled([result]);
  }
  return Promise.all(results);
}
