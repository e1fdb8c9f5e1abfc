import type { Settled } from './batch';
import { functionFault } from './faults';
import { rejected } from './responses';

/**
 * Returns the outcomes of a response's items, in order, each by `read`. An item that `read` refuses fails without the others.
 * Throws `ResponseRejected` if their number differs.
 */
export async function readItems<R, T>(
  response: unknown,
  requests: readonly R[],
  read: (item: unknown, request: R) => T | Promise<T>,
): Promise<readonly Settled<T>[]> {
  const items = isObject(response) && 'items' in response ? response.items : undefined;
  if (!Array.isArray(items) || items.length !== requests.length) {
    throw rejected(`items: expected a list of ${requests.length}, got another`);
  }
  const settled: Settled<T>[] = [];
  // in sequence: it is work of the processor
  for (const [at, request] of requests.entries()) settled.push(await readItem(items[at], request, read));
  return settled;
}

async function readItem<R, T>(
  item: unknown,
  request: R,
  read: (item: unknown, request: R) => T | Promise<T>,
): Promise<Settled<T>> {
  try {
    if (isObject(item) && 'code' in item && 'message' in item) {
      throw functionFault({ errorType: item.code, errorMessage: item.message }, undefined);
    }
    return { ok: true, value: await read(item, request) };
  } catch (error) {
    return { ok: false, error };
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
