import { LIMITS } from '../lambda/contract/limits';

/** An item of a batch that failed: `TypeError` or `RangeError` before it was sent, `ShareVaultError`, or an abort's reason. */
export interface ItemFailed {
  readonly ok: false;
  readonly error: unknown;
}

/** An item's outcome, in the place that the item has in its batch. */
export type Settled<T> = { readonly ok: true; readonly value: T } | ItemFailed;

/** Throws `TypeError` unless the value is a list of at most 100 items. */
export function requireItems(items: unknown, name: string): void {
  if (Array.isArray(items) && items.length <= LIMITS.batchRecords) return;
  throw new TypeError(`arguments of ${name}: expected a list of at most ${LIMITS.batchRecords} items`);
}

/** Returns each item's request, or the error of a bad one. Items of the same record are bad: their order would decide. */
export function prepare<I extends object, R extends { kind: string; walletId: string; chain: string }>(
  items: readonly I[],
  requestOf: (item: I) => R,
): readonly Settled<R>[] {
  const requests = items.map((item) => attempt(() => requestOf(item)));
  const recordOf = ({ kind, walletId, chain }: R): string => JSON.stringify([kind, walletId, chain]);
  const sameRecord = Map.groupBy(
    requests.flatMap((request) => (request.ok ? [request.value] : [])),
    recordOf,
  );
  return requests.map((request) => {
    if (!request.ok || sameRecord.get(recordOf(request.value))?.length === 1) return request;
    return { ok: false, error: new TypeError('expected each wallet and chain once for a kind, got a duplicate') };
  });
}

function attempt<R>(make: () => R): Settled<R> {
  try {
    return { ok: true, value: make() };
  } catch (error) {
    return { ok: false, error };
  }
}

/** Returns the outcomes in the order of the items: of those that were not sent, their own. */
export function outcomesOf<R, T>(
  prepared: readonly Settled<R>[],
  outcomes: ReadonlyMap<R, Settled<T>>,
): readonly Settled<T>[] {
  return prepared.map((request) => {
    if (!request.ok) return request;
    return outcomes.get(request.value) ?? { ok: false, error: new Error('expected an outcome of each item, got none') };
  });
}
