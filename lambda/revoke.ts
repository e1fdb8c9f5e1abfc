import type { RevokeAnswer } from './api';
import { requireKind } from './actor';
import { readEnv } from './env';
import { VaultError } from './errors';
import { actorHandler } from './handler';
import { DB_SETTINGS, openStore } from './parts';
import { readRevokeRequest } from './requests';
import { walletsToRevoke } from './revocation';

const DAY_MS = 86_400_000;

function open() {
  const settings = readEnv(['environment', 'actors', 'backupDays', ...DB_SETTINGS]);
  return { ...settings, store: openStore(settings) };
}

/** Destroys a wallet's sealed materials for good and leaves its tombstone, in every stored spelling. */
export const handler = actorHandler('revoke', open, async (event, call, parts): Promise<RevokeAnswer> => {
  const { reason, ...named } = readRevokeRequest(event);
  requireKind(call.actor, 'delegated-share');
  const caller = { actor: call.actor.name, requestId: call.requestId };
  const { canonical, others } = await walletsToRevoke(named, parts.store, call.deadline);
  const wallets = canonical === undefined ? others : [...others, canonical];
  if (wallets.length === 0) throw new VaultError('InvalidRequest', 'expected the name of a wallet, got another text');
  let revoked = 0;
  let last = 0;
  for (const wallet of wallets) {
    const answer = await parts.store.revoke(wallet, reason, caller, call.deadline);
    revoked += answer.revoked;
    last = Math.max(last, answer.revokedAt.getTime());
  }
  return { revoked, unreadableAfter: new Date(last + parts.backupDays * DAY_MS).toISOString() };
});
