import type { Settled } from './batch';
import { ShareVaultError } from './errors';
import { functionFault } from './faults';
import { rejected } from './responses';

/** Reads one item of a response as the response to its request. Throws if it refuses it. */
type Read<R, T> = (item: unknown, request: R) => T | Promise<T>;

/**
 * Returns a reader of a batch's response: the outcome of each request, in order. An item that `read` refuses fails without the
 * others. Throws `ResponseRejected` if the number of items differs.
 */
export function itemsReader<R, T>(
  requests: readonly R[],
  read: Read<R, T>,
): (response: unknown, requestId: string | undefined) => Promise<readonly Settled<T>[]> {
  return async (response, requestId) => {
    const items: unknown = isObject(response) && 'items' in response ? response.items : undefined;
    if (!Array.isArray(items) || items.length !== requests.length) {
      throw rejected(`items: expected a list of ${requests.length}, got another`);
    }
    const settled: Settled<T>[] = [];
    // one after the other: all of it is work of the processor
    for (const [at, request] of requests.entries()) settled.push(await readItem(items[at], request, read, requestId));
    return settled;
  };
}

async function readItem<R, T>(
  item: unknown,
  request: R,
  read: Read<R, T>,
  requestId: string | undefined,
): Promise<Settled<T>> {
  try {
    if (isObject(item) && 'code' in item && 'message' in item) {
      throw functionFault({ errorType: item.code, errorMessage: item.message }, requestId);
    }
    return { ok: true, value: await read(item, request) };
  } catch (error) {
    return { ok: false, error: error instanceof ShareVaultError ? error.withRequestId(requestId) : error };
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
