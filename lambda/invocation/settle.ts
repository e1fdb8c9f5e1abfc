/**
 * Waits for every promise to end, then throws the first failure or returns the results. `Promise.all` would throw early:
 * a promise that still holds a material would go on after the response, in a process that Lambda has frozen.
 */
export async function waitForAll<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
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
