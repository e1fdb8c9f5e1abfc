import type { RevokeAnswer } from './api';
import { requireKind } from './actor';
import { readEnv } from './env';
import { actorHandler } from './handler';
import { DB_SETTINGS, openStore } from './parts';
import { readRevokeRequest } from './requests';

const DAY_MS = 86_400_000;

function open() {
  const settings = readEnv(['environment', 'actors', 'backupDays', ...DB_SETTINGS]);
  return { ...settings, store: openStore(settings) };
}

/** Destroys a wallet's sealed materials for good and leaves its tombstone. */
export const handler = actorHandler('revoke', open, async (event, call, parts): Promise<RevokeAnswer> => {
  const { walletId, chain, reason } = readRevokeRequest(event);
  requireKind(call.actor, 'delegated-share');
  const caller = { actor: call.actor.name, requestId: call.requestId };
  const { revoked, revokedAt } = await parts.store.revoke({ walletId, chain }, reason, caller, call.deadline);
  const lastBackup = new Date(revokedAt.getTime() + parts.backupDays * DAY_MS);
  return { revoked, unreadableAfter: lastBackup.toISOString() };
});
