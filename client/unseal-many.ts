import {
  UNSEAL_BATCH_REQUEST,
  UNSEAL_ITEM,
  type UnsealBatchRequest,
  type UnsealItem,
} from '../lambda/contract/requests';
import { readBy } from '../lambda/contract/schema';
import { readArguments } from './arguments';
import { type Settled, outcomesOf, prepare, requireItems } from './batch';
import { settleGroups } from './batch-calls';
import { itemsReader } from './batch-response';
import type { Invoke } from './invoke';
import { createOneTime, openRecord } from './one-time';
import type { Settings } from './options';
import type { UnsealedRecord } from './record';
import type { UnsealItemInput, UnsealManyOptions } from './requests';
import { UnsealedBatch } from './unsealed-batch';

/** Opens a batch. Each call has a key pair and a random value of its own. */
export async function unsealMany(
  items: readonly UnsealItemInput[],
  { reason, signal }: UnsealManyOptions,
  settings: Settings,
  invoke: Invoke,
): Promise<UnsealedBatch> {
  requireItems(items, 'unsealMany');
  readBy(UNSEAL_BATCH_REQUEST.entries.reason, reason, { name: 'reason' }, refused);
  const prepared = prepare(items, (item) => readArguments(UNSEAL_ITEM, item, 'unsealMany'));
  const requests = prepared.flatMap((request) => (request.ok ? [request.value] : []));
  const call = async (group: readonly UnsealItem[]): Promise<readonly Settled<UnsealedRecord>[]> => {
    const oneTime = await createOneTime(settings.recipientCurve);
    const { recipient, req } = oneTime;
    const request: UnsealBatchRequest = { items: [...group], recipient: recipient.jwk, req, reason };
    const open = (item: unknown, of: UnsealItem) => openRecord(item, of, oneTime, settings.environment);
    return invoke('unseal', request, itemsReader(group, open), signal);
  };
  const groups = requests.length > 0 ? [requests] : [];
  return new UnsealedBatch(outcomesOf(prepared, await settleGroups(groups, call, settings.retry, signal)));
}

const refused = (message: string): TypeError => new TypeError(`arguments of unsealMany: ${message}`);
