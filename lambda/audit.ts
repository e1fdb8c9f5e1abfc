import type { AuditResponse, AuditLogResponse, AuditRecordsResponse } from './contract/responses';
import { LIMITS } from './contract/limits';
import { readEnv } from './invocation/settings';
import { type Call, actorHandler } from './invocation/handler';
import { DB_SETTINGS, createStore } from './invocation/parts';
import { readAuditRequest } from './requests/requests';
import type { RecordStore, WalletKey } from './store/store';
import { headOf, verifyLog } from './store/verify-log';

function createParts() {
  const settings = readEnv(['environment', 'actors', ...DB_SETTINGS]);
  return { ...settings, store: createStore(settings) };
}

/** Lists a wallet's records and its access log. Returns no ciphertext and opens nothing. */
export const handler = actorHandler('audit', createParts, async (event, call, { store }): Promise<AuditResponse> => {
  const request = readAuditRequest(event);
  const wallet = { walletId: request.walletId, chain: request.chain };
  switch (request.action) {
    case 'records':
      return listRecords(store, wallet, call);
    case 'log':
      return pageLog(store, wallet, request.after ?? 0, request.limit ?? LIMITS.pageRows, call);
    case 'head':
      return headOf(await store.chainHead(wallet, call.deadline));
    case 'verify':
      return verifyLog(store, wallet, request, call.deadline);
  }
});

async function listRecords(store: RecordStore, wallet: WalletKey, call: Call): Promise<AuditRecordsResponse> {
  const { records, revokedAt } = await store.records(wallet, call.deadline);
  return { records, ...(revokedAt !== undefined && { revokedAt: revokedAt.toISOString() }) };
}

async function pageLog(
  store: RecordStore,
  wallet: WalletKey,
  after: number,
  limit: number,
  call: Call,
): Promise<AuditLogResponse> {
  const entries = await store.log(wallet, after, limit, call.deadline);
  const last = entries.at(-1);
  return { entries, ...(entries.length === limit && last !== undefined && { next: last.sequence }) };
}
