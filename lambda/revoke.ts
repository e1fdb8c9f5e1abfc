import type { RevokeResponse } from './contract/responses';
import { requireKind } from './invocation/actor';
import { readEnv } from './invocation/settings';
import { VaultError } from './contract/errors';
import { actorHandler } from './invocation/handler';
import { DB_SETTINGS, createStore } from './invocation/parts';
import { readRevokeRequest } from './requests/requests';
import { canonicalFirst, walletsToRevoke } from './store/revocation';
import { eachInTurn } from './invocation/settle';

const DAY_MS = 86_400_000;

function createParts() {
  const settings = readEnv(['environment', 'actors', 'backupDays', ...DB_SETTINGS]);
  return { ...settings, store: createStore(settings) };
}

/** Destroys a wallet's sealed materials and leaves its tombstone, in every stored spelling. */
export const handler = actorHandler('revoke', createParts, async (event, call, parts): Promise<RevokeResponse> => {
  const { reason, ...named } = readRevokeRequest(event);
  requireKind(call.actor, 'delegated-share');
  const caller = { actor: call.actor.name, requestId: call.requestId };
  const wallets = canonicalFirst(await walletsToRevoke(named, parts.store, call.deadline));
  if (wallets.length === 0) throw new VaultError('InvalidRequest', 'expected the name of a wallet, got another text');
  const responses = await eachInTurn(wallets, (wallet) => parts.store.revoke(wallet, reason, caller, call.deadline));
  const revoked = responses.reduce((sum, response) => sum + response.revoked, 0);
  const last = Math.max(...responses.map(({ revokedAt }) => revokedAt.getTime()));
  return { revoked, unreadableAfter: new Date(last + parts.backupDays * DAY_MS).toISOString() };
});
