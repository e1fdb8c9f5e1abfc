import { VaultError } from '../contract/errors';
import { asVaultError } from './failure';

/** Items of a batch that are worked on at once: each holds a material or two. */
const CONCURRENCY = 10;
/** Starts of items in a second: half of the RSA calls that KMS allows an account, if each item makes two. */
const ITEMS_PER_SECOND = 250;

/** The result of an item, or why it failed. */
export type ItemResult<T> = T | VaultError;

/** Reads each item. A failure is its item's result, in order. */
export function readEach<T, R>(items: readonly T[], read: (item: T) => R): readonly ItemResult<R>[] {
  return items.map((item) => {
    try {
      return read(item);
    } catch (error) {
      return asVaultError(error);
    }
  });
}

/** Acts on the items in parallel, within a rate. A failure is its item's result, in order; the others go on. */
export async function eachItem<T, R>(
  items: readonly T[],
  act: (item: T) => R | Promise<R>,
): Promise<readonly ItemResult<R>[]> {
  const results: ItemResult<R>[] = [];
  const rest = items.entries();
  const started = performance.now();
  const work = async (): Promise<void> => {
    for (const [number, item] of rest) {
      const early = started + (number * 1_000) / ITEMS_PER_SECOND - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      results[number] = await resultOf(() => act(item));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return results;
}

/** Returns the results that are no failures, in order. */
export function successes<T>(results: readonly ItemResult<T>[]): readonly T[] {
  return results.filter((result): result is T => !(result instanceof VaultError));
}

/** Puts the results of a further step, one for each success of the step before, in their places. */
export function inPlaces<T, R>(
  before: readonly ItemResult<T>[],
  further: readonly ItemResult<R>[],
): readonly ItemResult<R>[] {
  const rest = further.values();
  return before.map((result) => {
    if (result instanceof VaultError) return result;
    const next = rest.next();
    return next.done === true
      ? new VaultError('InternalError', 'expected a result for each item, got fewer')
      : next.value;
  });
}

async function resultOf<R>(act: () => R | Promise<R>): Promise<ItemResult<R>> {
  try {
    return await act();
  } catch (error) {
    return asVaultError(error);
  }
}
