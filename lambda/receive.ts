import { createHash, randomUUID } from 'node:crypto';
import { FIELDS } from './contract/kinds';
import { DELEGATED_TOMBSTONES_PREFIX } from './contract/tombstone-prefix';
import { type Binding, recordContext } from './keys/record-context';
import {
  type CreatedEvent,
  type DynamicEvent,
  type Envelopes,
  type RevokedEvent,
  type RevokedIds,
  readEvent,
  tooEarly,
} from './webhook/event';
import { readWebhookRequest } from './webhook/request';
import { requireSignature } from './webhook/signature';
import { readEnv } from './invocation/settings';
import { type Sealed, materialOfAll, sealOpening } from './keys/envelope';
import { VaultError } from './contract/errors';
import { type Call, type WebhookCall, type WebhookOutcome, webhookHandler } from './invocation/handler';
import { createSigningSecret, createWebhookKeys } from './invocation/parts';
import { DB_SETTINGS, createStore } from './invocation/record-store';
import { SHARE_KEY_SETTINGS, createShareKey } from './invocation/share-key';
import { createTombstoneBucket, keepTombstones } from './store/tombstone-bucket';
import { PendingTombstones } from './store/tombstones';
import { canonicalFirst, walletsToRevoke } from './store/revocation';
import { waitForAll, eachInTurn } from './invocation/settle';
import type { DeliveredRecord, WalletKey } from './store/store';
import { readHybrid } from './transport/hybrid';
import { candidatesFor } from './webhook/candidate-keys';

function createParts() {
  const settings = readEnv([
    ...(['environment', 'webhookKeys', 'webhookSecretArn', 'webhookBudgetMs'] as const),
    ...SHARE_KEY_SETTINGS,
    ...DB_SETTINGS,
  ]);
  const store = createStore(settings);
  return {
    ...settings,
    shareKey: createShareKey(settings),
    keys: createWebhookKeys(settings),
    signingSecret: createSigningSecret(settings),
    store,
    pending: new PendingTombstones(store.session, DELEGATED_TOMBSTONES_PREFIX),
    bucket: createTombstoneBucket(),
  };
}
type Parts = ReturnType<typeof createParts>;

const STORED = {
  sealed: 'Sealed',
  revoked: 'Destroyed',
  'superseded-destroyed': 'SupersededDestroyed',
  duplicate: 'Duplicate',
  outdated: 'Outdated',
} as const;

/** Outcomes of a revocation that are reported if any of its wallets has them, the first before the second. */
const DESTROYED = ['revoked', 'superseded-destroyed'] as const;

/** Accepts Dynamic's deliveries: verifies each before it is parsed, opens it with the webhook key, and seals it at once. */
export const handler = webhookHandler('receive', createParts, async (event, call, parts): Promise<WebhookOutcome> => {
  const request = readWebhookRequest(event);
  await requireSignature(request, parts.signingSecret, call.deadline);
  const dynamicEvent = readEvent(request.body, Date.now());
  return { ...(await actOn(dynamicEvent, call, parts)), webhookEvent: dynamicEvent.name };
});

async function actOn(event: DynamicEvent, call: WebhookCall, parts: Parts): Promise<WebhookOutcome> {
  switch (event.type) {
    case 'ping':
      return { code: 'Pong' };
    case 'created':
      return storeCreated(event, call, parts);
    case 'revoked':
      return destroyRevoked(event, call, parts);
    case 'other':
      return { code: 'Ignored' };
  }
}

async function storeCreated(event: CreatedEvent, call: Call, parts: Parts): Promise<WebhookOutcome> {
  const delivery = { ...event.ids, requestId: call.requestId };
  const record = await sealRecord(event, call, parts).catch(async (error: unknown) => {
    // its key may have been retired since the delivery was accepted
    const seen = noKeyOpens(error) && (await parts.store.createdSeen(event.wallet, delivery, call.deadline));
    if (!seen) throw error;
  });
  if (record === undefined) return { code: 'Duplicate' };
  const outcome = await parts.store.receiveCreated(record, delivery, call.deadline);
  return { code: STORED[outcome], recordId: outcome === 'sealed' ? record.recordId : undefined };
}

function noKeyOpens(error: unknown): boolean {
  return error instanceof VaultError && (error.name === 'TransportRejected' || error.name === 'KeyUnavailable');
}

/**
 * The canonical wallet gets the event's own ids. An early event destroys the stored shares, and leaves its ids and its
 * time for the repeated delivery.
 */
async function destroyRevoked(event: RevokedEvent, call: WebhookCall, parts: Parts): Promise<WebhookOutcome> {
  const { ids, wallet, early } = event;
  const { environment, store, pending, bucket } = parts;
  const wallets = await walletsToRevoke(wallet, store, call.deadline);
  const destroy = (each: WalletKey, own: RevokedIds) =>
    store.receiveRevoked(each, { ...own, requestId: call.requestId }, call.deadline);
  const destroyBeside = (each: WalletKey) => destroy(each, { ...ids, ...idsBeside(event, each) });
  const destroyCanonical = (each: WalletKey) =>
    destroy(each, ids).catch((error: unknown) => {
      // a reused id is no reason to leave a share open
      if (error instanceof VaultError && error.name === 'Conflict') return destroyBeside(each);
      throw error;
    });
  const outcomes = await eachInTurn(canonicalFirst(wallets), (each) =>
    each === wallets.canonical && !early ? destroyCanonical(each) : destroyBeside(each),
  ).finally(async () => {
    // some wallets may be revoked although another one failed
    if (bucket) call.noteTombstones(await keepTombstones({ environment, bucket, pending }, call.deadline));
  });
  if (early) throw tooEarly();
  const outcome = DESTROYED.find((each) => outcomes.includes(each)) ?? outcomes[0];
  if (outcome !== undefined) return { code: STORED[outcome] };
  throw new VaultError('InvalidRequest', 'data: expected a chain, or the id of a stored wallet, got neither');
}

/** Ids of the event for one wallet: the store takes an event's own ids for one wallet and one kind of event. */
function idsBeside({ ids, early }: RevokedEvent, { walletId, chain }: WalletKey): Omit<RevokedIds, 'eventTime'> {
  const digest = createHash('sha256')
    .update(JSON.stringify([ids.eventId, walletId, chain, ...(early ? ['early'] : [])]))
    .digest('hex');
  return { eventId: `sha256:${digest}`, messageId: `sha256:${digest}` };
}

async function sealRecord({ wallet, envelopes }: CreatedEvent, call: Call, parts: Parts): Promise<DeliveredRecord> {
  const binding = { ...wallet, environment: parts.environment, recordId: randomUUID() };
  const delegatedShare = sealMaterial('delegatedShare', envelopes, binding, call, parts);
  const walletApiKey = sealMaterial('walletApiKey', envelopes, binding, call, parts);
  const keyMaterialId = materialOfAll(await waitForAll([delegatedShare, walletApiKey]));
  const sealed = { delegatedShare: (await delegatedShare).message, walletApiKey: (await walletApiKey).message };
  return { ...wallet, recordId: binding.recordId, keyId: parts.shareKey.keyId, keyMaterialId, sealed };
}

/** Converts a material from its envelope to its message; in between it exists in one buffer, which is wiped. */
async function sealMaterial(
  name: keyof Envelopes,
  envelopes: Envelopes,
  binding: Binding,
  call: Call,
  { keys, shareKey }: Parts,
): Promise<Sealed> {
  const { signal } = call.deadline;
  const envelope = readHybrid(envelopes[name], candidatesFor(name, envelopes, keys));
  const context = recordContext(binding, FIELDS[name]);
  return await sealOpening(() => envelope.open(signal), context, shareKey, signal);
}
