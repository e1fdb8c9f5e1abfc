import type { AccessLogEntry, AuditHeadResponse, AuditVerifyResponse } from '../contract/responses';
import type { AuditVerifyRequest } from '../contract/requests';
import type { Deadline } from '../invocation/deadline';
import { CHAIN_START, ChainVerifier } from '../contract/chain';
import type { ChainHead, RecordStore, WalletKey } from './store';

/** Rows that are read at once: a round trip costs as much as hundreds of them. */
const PAGE_ROWS = 5_000;
/** Milliseconds at the end of a call in which no new page is read: they are reserved for the response. */
const MARGIN_MS = 2_000;
/** Milliseconds: a caller of a long log sees progress. */
const LONGEST_MS = 10_000;

/**
 * Verifies the rows behind `request.after` up to the head. The head is read first: rows that are added meanwhile are
 * left for the next time. With `after` it stops while there is time to respond; it always reads one page, so that every
 * call gets on. Without `after` only a whole verification is a response: an earlier client would take any other for one.
 */
export async function verifyLog(
  store: RecordStore,
  wallet: WalletKey,
  { after, hash, until }: Pick<AuditVerifyRequest, 'after' | 'hash' | 'until'>,
  deadline: Deadline,
): Promise<AuditVerifyResponse> {
  const stopMs = Math.max(MARGIN_MS, deadline.remainingMs() - LONGEST_MS);
  const isTimeUp = (): boolean => after !== undefined && deadline.remainingMs() <= stopMs;
  const head =
    until === undefined
      ? await store.chainHead(wallet, deadline)
      : { length: until.sequence, hash: Buffer.from(until.hash, 'hex') };
  const start = after === undefined || hash === undefined ? CHAIN_START : { sequence: after, hash };
  const verifier = new ChainVerifier(wallet, head, start);
  let complete = true;
  for await (const entries of readPages(store, wallet, start.sequence, head.length, deadline)) {
    verifier.add(entries);
    complete = verifier.position.sequence >= head.length || !isTimeUp();
    if (!complete) break;
  }
  const problem = complete ? verifier.end() : verifier.problem;
  return { intact: problem === undefined, ...headOf(head), ...problem, complete, verifiedTo: verifier.position };
}

export function headOf({ length, hash }: ChainHead): AuditHeadResponse {
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
    const last = entries.at(-1);
    if (last === undefined) return;
    yield entries;
    position = last.sequence;
  }
}
