import type {
  AccessLogEntry,
  ArchivedRows,
  AuditHeadResponse,
  AuditRecordsResponse,
  AuditResponse,
} from '../../../lambda/contract/responses';
import type { AuditRequest, AuditVerifyRequest } from '../../../lambda/contract/requests';
import { CHAIN_START, ChainVerifier, entryHash, problemOfPlace } from '../../../lambda/contract/chain';

export type Entry = Omit<AccessLogEntry, 'sequence' | 'at' | 'previousHash' | 'hash'>;

/** The access log of one wallet: a real hash chain, read and verified in parts of two entries. */
export class Ledger {
  readonly entries: AccessLogEntry[] = [];
  readonly pageRows = 2;
  /** whether the vault has the previous release, which verifies the complete log in one call */
  older = false;
  /** spans of entries that pages have no more */
  archived: readonly ArchivedRows[] = [];

  constructor(private readonly wallet: { readonly walletId: string; readonly chain: string }) {}

  append(entry: Entry): void {
    const sequence = this.entries.length + 1;
    const previousHash = this.entries.at(-1)?.hash ?? CHAIN_START.hash;
    const linked = { ...entry, sequence, at: new Date().toISOString(), previousHash, hash: '' };
    this.entries.push({ ...linked, hash: entryHash(this.wallet, linked) });
  }

  /** Drops entries from one number to another, as the archive of their month does. */
  archive(from: number, sequence: number): void {
    const { previousHash = '', hash = '' } = {
      ...this.entries[sequence - 1],
      previousHash: this.entries[from - 1]?.previousHash,
    };
    this.archived = [...this.archived, { from, previousHash, sequence, hash }];
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
    return this.#kept().filter(({ at }) => at >= from && (until === undefined || at < until));
  }

  head(): AuditHeadResponse {
    const facts = { length: this.entries.length, head: this.entries.at(-1)?.hash ?? CHAIN_START.hash };
    return { ...facts, ...(this.archived.length > 0 && { archived: this.archived }) };
  }

  #kept(): AccessLogEntry[] {
    const isArchived = (row: number) => this.archived.some(({ from, sequence }) => from <= row && row <= sequence);
    return this.entries.filter(({ sequence }) => !isArchived(sequence));
  }

  #page(after: number, from = '', until?: string): AuditResponse {
    const later = this.between(from, until).filter(({ sequence }) => sequence > after);
    const entries = later.slice(0, this.pageRows);
    const next = later.length > this.pageRows ? entries.at(-1)?.sequence : undefined;
    return { entries, ...(next !== undefined && { next }) };
  }

  #verify({ after, hash, until }: AuditVerifyRequest): AuditResponse | undefined {
    const { length, head } = until === undefined ? this.head() : { length: until.sequence, head: until.hash };
    const start = hash === undefined ? CHAIN_START : { sequence: after ?? 0, hash };
    // as the vault refuses it
    if (problemOfPlace(start.sequence, this.archived) !== undefined) return undefined;
    const verifier = new ChainVerifier(this.wallet, { length, hash: Buffer.from(head, 'hex') }, start, this.archived);
    const later = this.#kept().filter(({ sequence }) => sequence > start.sequence);
    const part = later.slice(0, hash === undefined ? undefined : this.pageRows);
    verifier.add(part);
    const complete = verifier.position.sequence >= Math.min(length, this.entries.length);
    const problem = complete ? verifier.end() : verifier.problem;
    const response = { intact: problem === undefined, length, head, ...problem };
    return this.older ? response : { ...response, complete, verifiedTo: verifier.position };
  }
}
