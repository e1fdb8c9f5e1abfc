import { KINDS } from './contract/kinds';
import type { RevokeResponse } from './contract/responses';
import type { WalletKey } from './contract/wallet';
import { requireKind } from './invocation/actor';
import { readEnv } from './invocation/settings';
import { VaultError } from './contract/errors';
import { actorHandler } from './invocation/handler';
import { DB_SETTINGS, createStore, unreadableAfter } from './invocation/record-store';
import { readRevokeRequest } from './requests/requests';
import { canonicalFirst, walletsToRevoke } from './store/revocation';
import { eachInTurn } from './invocation/settle';

function createParts() {
  const settings = readEnv(['environment', 'actors', 'backupDays', ...DB_SETTINGS]);
  return { ...settings, store: createStore(settings) };
}

/**
 * Destroys a wallet's sealed materials of the requested kinds, by default of every kind that the actor was given, and
 * leaves its tombstones, in every stored spelling.
 */
export const handler = actorHandler('revoke', createParts, async (event, call, parts): Promise<RevokeResponse> => {
  const { reason, kinds: requested, ...named } = readRevokeRequest(event);
  const kinds = requested ?? KINDS.filter((kind) => call.actor.kinds.includes(kind));
  for (const kind of kinds.length === 0 ? KINDS : kinds) requireKind(call.actor, kind);
  const caller = { actor: call.actor.name, requestId: call.requestId };
  const wallets = canonicalFirst(await walletsToRevoke(named, parts.store, call.deadline));
  if (wallets.length === 0) throw new VaultError('InvalidRequest', 'expected the name of a wallet, got another text');
  const revoke = (wallet: WalletKey) => parts.store.revoke(wallet, kinds, reason, caller, call.deadline);
  const responses = await eachInTurn(wallets, revoke);
  const revoked = responses.reduce((sum, response) => sum + response.revoked, 0);
  const last = Math.max(...responses.map((response) => unreadableAfter(response, parts)));
  return { revoked, unreadableAfter: new Date(last).toISOString(), kinds, known: responses.some(({ known }) => known) };
});
