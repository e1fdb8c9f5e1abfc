import type { AuditRequest } from './contract/requests';
import type { AuditHeadResponse, AuditLogResponse, AuditResponse } from './contract/responses';
import { LIMITS } from './contract/limits';
import { readEnv } from './invocation/settings';
import { type Call, actorHandler } from './invocation/handler';
import { DB_SETTINGS, createStore } from './invocation/record-store';
import { readAuditRequest } from './requests/requests';
import type { RecordStore, WalletKey } from './store/store';
import { PostgresResealRuns } from './store/reseal-runs';
import { PostgresTombstones } from './store/tombstones';
import { headOf, verifyLog } from './store/verify-log';

function createParts() {
  const settings = readEnv(['environment', 'actors', ...DB_SETTINGS]);
  const store = createStore(settings);
  const { session } = store;
  return { ...settings, store, reseals: new PostgresResealRuns(session), tombstones: new PostgresTombstones(session) };
}

/** Lists wallets, a wallet's records and its access log. Returns no ciphertext and opens nothing. */
export const handler = actorHandler('audit', createParts, async (event, call, parts): Promise<AuditResponse> => {
  const { store, reseals, tombstones } = parts;
  const request = readAuditRequest(event);
  switch (request.action) {
    case 'records':
      return store.records(walletOf(request), call.deadline);
    case 'log':
      return pageLog(store, request, call);
    case 'head':
      return headAndArchive(store, walletOf(request), call);
    case 'verify':
      return verifyLog(store, walletOf(request), request, call.deadline);
    case 'census':
      return censusOf(parts, call);
    case 'tombstones':
      return tombstones.list(request.after, request.since, call.deadline);
    case 'reseals':
      return { reseals: await reseals.list(call.deadline) };
    case 'reseal-failures':
      return reseals.failures(request.run, request.after, call.deadline);
    case 'reseal-receipt':
      return reseals.receipt(request.run, call.deadline);
    case 'wallets':
      return store.wallets(request.after, request.limit ?? LIMITS.pageRows, request, call.deadline);
  }
});

/** Keys first: a record that comes under one since then is counted. */
async function censusOf(
  { store, reseals }: ReturnType<typeof createParts>,
  { deadline }: Call,
): Promise<AuditResponse> {
  const keys = await reseals.formerKeys(deadline);
  return { ...(await store.census(deadline)), keys };
}

const walletOf = ({ walletId, chain }: WalletKey): WalletKey => ({ walletId, chain });

async function pageLog(
  store: RecordStore,
  request: Extract<AuditRequest, { action: 'log' }>,
  call: Call,
): Promise<AuditLogResponse> {
  const { after = 0, limit = LIMITS.pageRows } = request;
  const entries = await store.log(walletOf(request), after, limit, call.deadline, request);
  const last = entries.at(-1);
  return { entries, ...(entries.length === limit && last !== undefined && { next: last.sequence }) };
}

async function headAndArchive(store: RecordStore, wallet: WalletKey, { deadline }: Call): Promise<AuditHeadResponse> {
  const head = headOf(await store.chainHead(wallet, deadline));
  const archived = await store.archivedRows(wallet, deadline);
  return { ...head, ...(archived.length > 0 && { archived }) };
}
