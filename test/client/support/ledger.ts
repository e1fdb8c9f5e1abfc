import type { AccessLogEntry, AuditRecordsResponse, AuditResponse } from '../../../lambda/contract/responses';
import type { AuditRequest, AuditVerifyRequest } from '../../../lambda/contract/requests';
import { CHAIN_START, ChainVerifier, entryHash } from '../../../lambda/contract/chain';

export type Entry = Omit<AccessLogEntry, 'sequence' | 'at' | 'previousHash' | 'hash'>;

/** The access log of one wallet: a real hash chain, read and verified in parts of two entries. */
export class Ledger {
  readonly entries: AccessLogEntry[] = [];
  readonly pageRows = 2;
  /** whether the vault has the previous release, which verifies the complete log in one call */
  older = false;

  constructor(private readonly wallet: { readonly walletId: string; readonly chain: string }) {}

  append(entry: Entry): void {
    const sequence = this.entries.length + 1;
    const previousHash = this.entries.at(-1)?.hash ?? CHAIN_START.hash;
    const linked = { ...entry, sequence, at: new Date().toISOString(), previousHash, hash: '' };
    this.entries.push({ ...linked, hash: entryHash(this.wallet, linked) });
  }

  /** Returns `undefined` for an unknown request. */
  response(
    request: Exclude<
      AuditRequest,
      { action: 'wallets' | 'census' | 'reseals' | 'reseal-failures' | 'reseal-receipt' | 'tombstones' }
    >,
    records: AuditRecordsResponse,
  ): AuditResponse | undefined {
    if (request.action === 'records') return records;
    if (request.action === 'log') return this.#page(request.after ?? 0, request.from, request.until);
    if (this.older && (request.action === 'head' || request.after !== undefined)) return undefined;
    return request.action === 'head' ? this.head() : this.#verify(request);
  }

  /** Returns the entries of a span of time; an empty `from` is the beginning. */
  between(from: string, until: string | undefined): AccessLogEntry[] {
    return this.entries.filter(({ at }) => at >= from && (until === undefined || at < until));
  }

  head(): { readonly length: number; readonly head: string } {
    return { length: this.entries.length, head: this.entries.at(-1)?.hash ?? CHAIN_START.hash };
  }

  #page(after: number, from = '', until?: string): AuditResponse {
    const later = this.between(from, until).filter(({ sequence }) => sequence > after);
    const entries = later.slice(0, this.pageRows);
    const next = later.length > this.pageRows ? entries.at(-1)?.sequence : undefined;
    return { entries, ...(next !== undefined && { next }) };
  }

  #verify({ after, hash, until }: AuditVerifyRequest): AuditResponse {
    const { length, head } = until === undefined ? this.head() : { length: until.sequence, head: until.hash };
    const start = hash === undefined ? CHAIN_START : { sequence: after ?? 0, hash };
    const verifier = new ChainVerifier(this.wallet, { length, hash: Buffer.from(head, 'hex') }, start);
    const part = this.entries.slice(start.sequence, hash === undefined ? undefined : start.sequence + this.pageRows);
    verifier.add(part);
    const complete = start.sequence + part.length >= Math.min(length, this.entries.length);
    const problem = complete ? verifier.end() : verifier.problem;
    const response = { intact: problem === undefined, length, head, ...problem };
    return this.older ? response : { ...response, complete, verifiedTo: verifier.position };
  }
}
