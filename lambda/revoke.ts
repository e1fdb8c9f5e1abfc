import { KINDS } from './contract/kinds';
import type { RevokeResponse } from './contract/responses';
import type { FinishReplayResponse, ReplayBucketResponse, ReplayResponse } from './contract/tombstones';
import { TOMBSTONES_PREFIX } from './contract/tombstone-prefix';
import type { WalletKey } from './contract/wallet';
import { requireKind } from './invocation/actor';
import { readEnv } from './invocation/settings';
import { VaultError } from './contract/errors';
import { type ActorCall, actorHandler } from './invocation/handler';
import { replay } from './invocation/replay';
import { DB_SETTINGS, createStore, unreadableAfter } from './invocation/record-store';
import { hasMember, readReplayRequest, readRevokeRequest } from './requests/requests';
import { createTombstoneBucket, keepTombstones } from './store/tombstone-bucket';
import { canonicalFirst, walletsToRevoke } from './store/revocation';
import { PendingTombstones, PostgresTombstones } from './store/tombstones';
import { eachInTurn } from './invocation/settle';

function createParts() {
  const settings = readEnv(['environment', 'actors', 'backupDays', ...DB_SETTINGS]);
  const store = createStore(settings);
  const [tombstones, pending] = [
    new PostgresTombstones(store.session),
    new PendingTombstones(store.session, TOMBSTONES_PREFIX),
  ];
  return { ...settings, store, tombstones, pending, bucket: createTombstoneBucket() };
}

/** Revokes a wallet's materials. After a restore it replays tombstones of the former database. */
export const handler = actorHandler(
  'revoke',
  createParts,
  async (event, call, parts): Promise<RevokeResponse | ReplayResponse | ReplayBucketResponse | FinishReplayResponse> =>
    hasMember(event, 'action') ? replay(readReplayRequest(event), call, parts) : revoke(event, call, parts),
);

/**
 * Destroys a wallet's sealed materials of the requested kinds, by default of every kind that the actor was given, and
 * leaves its tombstones, in every stored spelling.
 */
async function revoke(event: unknown, call: ActorCall, parts: ReturnType<typeof createParts>): Promise<RevokeResponse> {
  const { reason, kinds: requested, ...named } = readRevokeRequest(event);
  const kinds = requested ?? KINDS.filter((kind) => call.actor.kinds.includes(kind));
  for (const kind of kinds.length === 0 ? KINDS : kinds) requireKind(call.actor, kind);
  const caller = { actor: call.actor.name, requestId: call.requestId };
  const wallets = canonicalFirst(await walletsToRevoke(named, parts.store, call.deadline));
  if (wallets.length === 0) throw new VaultError('InvalidRequest', 'expected the name of a wallet, got another text');
  const revokeOne = (wallet: WalletKey) => parts.store.revoke(wallet, kinds, reason, caller, call.deadline);
  const responses = await eachInTurn(wallets, revokeOne).finally(() => keep(call, parts));
  const revoked = responses.reduce((sum, response) => sum + response.revoked, 0);
  const last = Math.max(...responses.map((response) => unreadableAfter(response, parts)));
  return { revoked, unreadableAfter: new Date(last).toISOString(), kinds, known: responses.some(({ known }) => known) };
}

/** Some wallets may be revoked although another one failed: their tombstones are kept all the same. */
async function keep(call: ActorCall, { environment, bucket, pending }: ReturnType<typeof createParts>): Promise<void> {
  if (bucket !== undefined) call.noteTombstones(await keepTombstones({ environment, bucket, pending }, call.deadline));
}
