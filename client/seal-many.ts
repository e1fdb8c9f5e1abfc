import { SEAL_RESPONSE, type SealResponse } from '../lambda/contract/responses';
import type { SealRequest } from '../lambda/contract/requests';
import { type Settled, outcomesOf, prepare, requireItems } from './batch';
import { settleGroups } from './batch-calls';
import { itemsReader } from './batch-response';
import type { Invoke } from './invoke';
import type { Settings } from './options';
import type { SealInput } from './requests';
import { readResponse } from './responses';
import type { RetryPolicy } from './retry';
import { requireIdempotencyKey, sealRequest } from './seal-request';

/** A request of Lambda has at most 6 MB; the rest is for the list around the items. */
const MAX_REQUEST_BYTES = 6_000_000;

/** Returns a batch's requests. The materials are encrypted, one after the other. Throws `TypeError` unless it is a list. */
export function prepareSeals(
  items: readonly SealInput[],
  settings: Settings,
  idempotencyKey?: string,
): readonly Settled<SealRequest>[] {
  requireItems(items, 'sealMany');
  requireIdempotencyKey(idempotencyKey);
  return prepare(items, (item) => sealRequest(item, settings, idempotencyKey));
}

/** Sends a batch's requests, each try the same bytes. */
export async function sendSeals(
  batch: readonly Settled<SealRequest>[],
  policy: RetryPolicy,
  invoke: Invoke,
  signal: AbortSignal | undefined,
): Promise<readonly Settled<SealResponse>[]> {
  const requests = batch.flatMap((request) => (request.ok ? [request.value] : []));
  const call = (group: readonly SealRequest[]): Promise<readonly Settled<SealResponse>[]> => {
    const read = itemsReader(group, (item) => readResponse(SEAL_RESPONSE, item));
    return invoke('seal', { items: group }, read, signal);
  };
  return outcomesOf(batch, await settleGroups(groupsOf(requests), call, policy, signal));
}

/** Splits requests, in order, into groups that each fit one call. */
function groupsOf(requests: readonly SealRequest[]): readonly (readonly SealRequest[])[] {
  const groups: SealRequest[][] = [];
  let room = 0;
  for (const request of requests) {
    const size = Buffer.byteLength(JSON.stringify(request)) + 1;
    if (size > room) {
      groups.push([]);
      room = MAX_REQUEST_BYTES;
    }
    groups.at(-1)?.push(request);
    room -= size;
  }
  return groups;
}
