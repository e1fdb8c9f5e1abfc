import type { AccessLogEntry, ArchivedRows, AuditVerifyResponse, HeadFacts } from '../contract/responses';
import type { AuditVerifyRequest } from '../contract/requests';
import type { Deadline } from '../invocation/deadline';
import { CHAIN_START, ChainVerifier, problemOfPlace } from '../contract/chain';
import { VaultError } from '../contract/errors';
import type { ChainHead, RecordStore, WalletKey } from './store';

/** Rows that are read at once: a round trip costs as much as hundreds of them. */
const PAGE_ROWS = 5_000;
/** Milliseconds at the end of a call in which no new page is read: they are reserved for the response. */
const MARGIN_MS = 2_000;
/** Milliseconds: a caller of a long log sees progress. */
const LONGEST_MS = 10_000;

/** How often rows are verified again because their archive was written meanwhile: one is, a month. */
const ATTEMPTS = 3;

/**
 * Verifies the rows behind `request.after` up to the head. The head is read first: rows that are added meanwhile are
 * left for the next time. With `after` it stops while there is time to respond; it always reads one page, so that every
 * call gets on. Without `after` only a whole verification is a response: an earlier client would take any other for one.
 * Archived rows are passed over. Throws `InvalidRequest` if `until` or `after` is one of them, before the last of a span: nothing
 * here has its hash.
 */
export async function verifyLog(
  store: RecordStore,
  wallet: WalletKey,
  request: Pick<AuditVerifyRequest, 'after' | 'hash' | 'until'>,
  deadline: Deadline,
): Promise<AuditVerifyResponse> {
  const head = await headToVerify(store, wallet, request, deadline);
  let archived = await store.archivedRows(wallet, deadline);
  for (let attempt = 1; ; attempt += 1) {
    requireKept(head, archived);
    const verified = await verifyOnce(store, wallet, { request, head, archived }, deadline);
    if (verified.intact || attempt === ATTEMPTS) return verified;
    const since = await store.archivedRows(wallet, deadline);
    if (JSON.stringify(since) === JSON.stringify(archived)) return verified;
    archived = since;
  }
}

async function headToVerify(
  store: RecordStore,
  wallet: WalletKey,
  { until }: Pick<AuditVerifyRequest, 'until'>,
  deadline: Deadline,
): Promise<ChainHead> {
  if (until === undefined) return store.chainHead(wallet, deadline);
  return { length: until.sequence, hash: Buffer.from(until.hash, 'hex') };
}

function requireKept({ length }: ChainHead, archived: readonly ArchivedRows[]): void {
  const problem = problemOfPlace(length, archived);
  if (problem !== undefined) throw new VaultError('InvalidRequest', `until: ${problem}`);
}

interface Verification {
  readonly request: Pick<AuditVerifyRequest, 'after' | 'hash'>;
  readonly head: ChainHead;
  readonly archived: readonly ArchivedRows[];
}

async function verifyOnce(
  store: RecordStore,
  wallet: WalletKey,
  { request: { after, hash }, head, archived }: Verification,
  deadline: Deadline,
): Promise<AuditVerifyResponse> {
  const stopMs = Math.max(MARGIN_MS, deadline.remainingMs() - LONGEST_MS);
  const isTimeUp = (): boolean => after !== undefined && deadline.remainingMs() <= stopMs;
  const start = after === undefined || hash === undefined ? CHAIN_START : { sequence: after, hash };
  const verifier = new ChainVerifier(wallet, head, start, archived);
  let complete = true;
  // from the start, also if rows from there on are archived: one that is left too would be there twice
  for await (const entries of readPages(store, wallet, start.sequence, head.length, deadline)) {
    verifier.add(entries);
    complete = verifier.position.sequence >= head.length || !isTimeUp();
    if (!complete) break;
  }
  const problem = complete ? verifier.end() : verifier.problem;
  return { intact: problem === undefined, ...headOf(head), ...problem, complete, verifiedTo: verifier.position };
}

export function headOf({ length, hash }: ChainHead): HeadFacts {
  return { length, head: Buffer.from(hash).toString('hex') };
}

/** Pages of rows behind `after`, until one has the head or there are no more. */
async function* readPages(
  store: RecordStore,
  wallet: WalletKey,
  after: number,
  until: number,
  deadline: Deadline,
): AsyncGenerator<readonly AccessLogEntry[], void, undefined> {
  for (let position = after; position < until;) {
    const entries = await store.log(wallet, position, PAGE_ROWS, deadline);
    const whole = entries.length < PAGE_ROWS ? entries : withoutLast(entries);
    const last = whole.at(-1);
    if (last === undefined) return;
    yield whole;
    position = last.sequence;
  }
}

/** A row that is there twice must not be divided between two pages: the next one would begin behind both. */
function withoutLast(entries: readonly AccessLogEntry[]): readonly AccessLogEntry[] {
  const last = entries.at(-1)?.sequence;
  const whole = entries.filter(({ sequence }) => sequence !== last);
  return whole.length === 0 ? entries : whole;
}
