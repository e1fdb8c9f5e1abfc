import { FIELDS, MATERIALS, type MaterialName } from './contract/kinds';
import type { UnsealBatchResponse, UnsealResponse } from './contract/responses';
import type { UnsealItem } from './contract/requests';
import { requireKind } from './invocation/actor';
import { eachItem, inPlaces, readEach, successes } from './invocation/batch';
import { wipe } from './contract/bytes';
import { recordContext } from './keys/record-context';
import { readEnv } from './invocation/settings';
import { openBytes } from './keys/envelope';
import { VaultError } from './contract/errors';
import { type ActorCall, actorHandler } from './invocation/handler';
import { DB_SETTINGS, createStore } from './invocation/record-store';
import { SHARE_KEY_SETTINGS, createShareKey } from './invocation/share-key';
import { hasMember, readUnsealBatchRequest, readUnsealItem, readUnsealRequest } from './requests/requests';
import { RetiringUse } from './invocation/retiring-use';
import { valueIfAny, valueOf, waitForAll, whileWaiting } from './invocation/settle';
import type { Caller, SealedRecord } from './store/store';
import { agree, sealOutbound } from './transport/outbound';
import { type Recipient, readRecipient } from './transport/recipient';

function createParts() {
  const settings = readEnv(['environment', 'actors', ...SHARE_KEY_SETTINGS, ...DB_SETTINGS]);
  const retiring = new RetiringUse();
  const shareKey = createShareKey(settings, undefined, (keyId) => retiring.note(keyId));
  return { ...settings, shareKey, retiring, store: createStore(settings) };
}
type Parts = ReturnType<typeof createParts>;

/** The caller's one-time key and the request's random value: every material of a response is bound to both. */
interface Receiver {
  readonly recipient: Recipient;
  readonly req: string;
}

/**
 * Returns a record's materials, each encrypted to the caller's one-time key, after the access log has the access; with
 * `items` those of up to 100 records.
 */
export const handler = actorHandler('unseal', createParts, async (event, call, parts) => {
  const startedAt = performance.now();
  try {
    return await (hasMember(event, 'items') ? unsealBatch(event, call, parts) : unsealOne(event, call, parts));
  } finally {
    await parts.retiring.report(call, parts.store.session, startedAt);
  }
});

async function unsealOne(event: unknown, call: ActorCall, parts: Parts): Promise<UnsealResponse> {
  const request = readUnsealRequest(event);
  const receiver = { recipient: readRecipient(request.recipient), req: request.req };
  requireKind(call.actor, request.kind);
  const record = await parts.store.unseal(request, callerOf(call), call.deadline);
  const response = await encryptRecord(request, record, receiver, call, parts);
  call.countUnsealed(1);
  return response;
}

async function unsealBatch(event: unknown, call: ActorCall, parts: Parts): Promise<UnsealBatchResponse> {
  const { items, recipient, req, reason } = readUnsealBatchRequest(event);
  const receiver = { recipient: readRecipient(recipient), req };
  const seen = new Set<string>();
  const read = readEach(items, (item) => readItem(item, seen, call));
  const queries = successes(read);
  const opened =
    queries.length === 0 ? [] : await parts.store.unsealAll(queries, reason, callerOf(call), call.deadline);
  const granted = opened.flatMap((record, i) => {
    const query = queries[i];
    return record instanceof VaultError || query === undefined ? [] : [{ query, record }];
  });
  const encrypt = ({ query, record }: (typeof granted)[number]) => encryptRecord(query, record, receiver, call, parts);
  const results = inPlaces(read, inPlaces(opened, await eachItem(granted, encrypt)));
  const response = { items: results.map((each) => (each instanceof VaultError ? call.refuseItem(each) : each)) };
  call.countUnsealed(successes(results).length);
  return response;
}

/** Reads an item of a batch. A record that is named twice would be opened and logged twice for one response. */
function readItem(item: unknown, seen: Set<string>, call: ActorCall): UnsealItem {
  const read = readUnsealItem(item);
  requireKind(call.actor, read.kind);
  const name = JSON.stringify([read.kind, read.walletId, read.chain]);
  if (seen.has(name)) throw new VaultError('InvalidRequest', 'items: expected each record once, got one twice');
  seen.add(name);
  return read;
}

const callerOf = ({ actor, requestId }: ActorCall): Caller => ({ actor: actor.name, requestId });

async function encryptRecord(
  item: UnsealItem,
  record: SealedRecord,
  receiver: Receiver,
  call: ActorCall,
  parts: Parts,
): Promise<UnsealResponse> {
  const encrypt = (name: MaterialName) => encryptMaterial(name, item, receiver, record, call, parts);
  const { recordId, publicKey, accessCount, propertiesChanged } = record;
  const facts = { recordId, ...(publicKey !== undefined && { publicKey }), accessCount, propertiesChanged };
  switch (item.kind) {
    case 'delegated-share': {
      const [delegatedShare = '', walletApiKey = ''] = await waitForAll(MATERIALS[item.kind].map(encrypt));
      return { ...facts, kind: item.kind, materials: { delegatedShare, walletApiKey } };
    }
    case 'server-key-shares': {
      const [serverKeyShares = ''] = await waitForAll(MATERIALS[item.kind].map(encrypt));
      return { ...facts, kind: item.kind, materials: { serverKeyShares } };
    }
  }
}

/**
 * Converts a material from its message to its transport. The context is built from the request's wallet and chain and the
 * row's other columns, never from the message: a row returned for another wallet does not open.
 */
async function encryptMaterial(
  name: MaterialName,
  { walletId, chain }: UnsealItem,
  { recipient, req }: Receiver,
  record: SealedRecord,
  call: ActorCall,
  parts: Parts,
): Promise<string> {
  const { environment, shareKey } = parts;
  const sealed = record.sealed[name];
  if (sealed === undefined) throw new VaultError('MessageCorrupt', `expected a sealed ${name} in the record, got none`);
  const context = recordContext({ ...record, environment, walletId, chain }, FIELDS[name]);
  const opening = openBytes(sealed, context, shareKey, call.deadline.signal);
  const [opened, agreed] = await Promise.allSettled([opening, whileWaiting(() => agree(recipient))]);
  try {
    const header = { env: environment, record: record.recordId, field: FIELDS[name], walletId, chain, req };
    return sealOutbound(valueOf(opened), valueOf(agreed), header);
  } finally {
    wipe(valueIfAny(opened), valueIfAny(agreed)?.contentKey);
  }
}
