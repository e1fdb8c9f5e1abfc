import { hash } from 'node:crypto';
import type { AccessLogEntry, ArchivedRows, ChainPosition, LogProblem } from './responses';
import { VaultError } from './errors';
import { LIMITS } from './limits';
import type { WalletKey } from './wallet';

/** The first row that does not fit, and how; then the first `LIMITS.logProblems` of all that do not. */
export interface ChainProblem {
  readonly brokenAt: number;
  readonly problem: string;
  readonly problems: readonly LogProblem[];
  /** of all rows that do not fit */
  readonly problemCount: number;
}

/** The end of a wallet's log, by its row in `wallets`. */
export interface ChainHead {
  /** rows */
  readonly length: number;
  /** 32 bytes */
  readonly hash: Uint8Array;
}

/** Before the first row of every log. */
export const CHAIN_START: ChainPosition = { sequence: 0, hash: '0'.repeat(64) };

/**
 * Returns the expectation, as a text, if a row that a verification begins after, or ends with, is archived: only the archive has
 * its hash, unless it is the last one of a span. Undefined for any other row.
 */
export function problemOfPlace(sequence: number, archived: readonly ArchivedRows[]): string | undefined {
  const span = archived.find((each) => each.from <= sequence && sequence < each.sequence);
  if (span === undefined) return undefined;
  return `expected row ${span.sequence} or one behind it, since rows before are archived, got row ${sequence}`;
}

/**
 * Verifies a wallet's access log against the length and hash that the wallet's row remembers. Rows are added in pages,
 * oldest first; those behind the head were written after it was read and are passed over. A row that does not fit is
 * reported, and the next one is compared with it as it is. Rows that were archived are passed over as spans: of them the first
 * one's number and previous hash, and the last one's, are compared with the rows beside them. A span is only a claim of who states it: any rows can be
 * hidden behind one, and `archivedRows` counts them. Pure: makes no calls. The log is evidence against everyone
 * below the database's owner; a rewrite of rows and head together is found only by a head kept elsewhere.
 */
export class ChainVerifier {
  #next: number;
  #hash: string;
  readonly #problems: LogProblem[] = [];
  #problemCount = 0;
  #archivedRows = 0;
  /** in order, those that are still to come */
  readonly #archived: ArchivedRows[];

  /**
   * @param head without one, only the rows' own links are verified
   * @param after the row before the first that is added
   * @param archived the wallet's archived rows
   *
   * Throws `InvalidRequest` if `after` is an archived row before the last one of its span: nothing here has its hash.
   */
  constructor(
    private readonly wallet: WalletKey,
    private readonly head?: ChainHead,
    after: ChainPosition = CHAIN_START,
    archived: readonly ArchivedRows[] = [],
  ) {
    const problem = problemOfPlace(after.sequence, archived);
    if (problem !== undefined) throw new VaultError('InvalidRequest', `after: ${problem}`);
    this.#next = after.sequence + 1;
    this.#hash = after.hash;
    this.#archived = archived
      .filter(({ sequence }) => sequence > after.sequence)
      .toSorted((a, b) => a.from - b.from || a.sequence - b.sequence);
    this.#passArchived(this.#next);
  }

  /** The last row that was added. */
  get position(): ChainPosition {
    return { sequence: this.#next - 1, hash: this.#hash };
  }

  /** Returns the number of rows that were passed over as archived: nothing here verified them. */
  get archivedRows(): number {
    return this.#archivedRows;
  }

  /** Of the rows that were added so far. */
  get problem(): ChainProblem | undefined {
    const [first] = this.#problems;
    if (first === undefined) return undefined;
    const { sequence: brokenAt, problem } = first;
    return { brokenAt, problem, problems: [...this.#problems], problemCount: this.#problemCount };
  }

  add(entries: readonly AccessLogEntry[]): void {
    for (const entry of entries) {
      this.#passArchived(entry.sequence);
      if (this.#isPastHead) return;
      this.#pass(this.#check(entry), entry);
      this.#passArchived(this.#next);
    }
  }

  /** Adds archived rows that stand between the rows of a page, in the place of their own. */
  addArchived(span: ArchivedRows): void {
    if (this.#isPastHead) return;
    const problem = this.#checkSpan(span) ?? this.#checkLink(span.from, span.previousHash);
    this.#archivedRows += Math.max(0, span.sequence + 1 - Math.max(span.from, this.#next));
    this.#pass(problem, span);
  }

  /** Call after the last page; `undefined` if the log is intact. */
  end(): ChainProblem | undefined {
    this.#passArchived(Number.MAX_SAFE_INTEGER);
    if (this.head !== undefined) this.#checkHead(this.head);
    return this.problem;
  }

  get #isPastHead(): boolean {
    return this.head !== undefined && this.#next > this.head.length;
  }

  /** Passes the spans that begin up to a row. */
  #passArchived(until: number): void {
    for (let [span] = this.#archived; span !== undefined && span.from <= until; [span] = this.#archived) {
      if (this.#isPastHead) return;
      this.#archived.shift();
      this.addArchived(span);
    }
  }

  /** A row whose number was passed before is reported, and the next one is compared with what came before it. */
  #pass(problem: string | undefined, { sequence, hash: last }: ChainPosition): void {
    if (problem !== undefined) this.#report(this.#next, problem);
    if (sequence < this.#next) return;
    this.#next = sequence + 1;
    this.#hash = last;
  }

  #checkHead({ length, hash: last }: ChainHead): void {
    const { sequence, hash } = this.position;
    if (sequence < length) this.#report(this.#next, `expected ${length} rows, got ${sequence}`);
    else if (sequence > length) this.#report(length + 1, `expected ${sequence} rows or more, got ${length}`);
    else if (hash !== Buffer.from(last).toString('hex')) {
      this.#report(Math.max(1, length), "expected the last row's hash to be the head's, got another");
    }
  }

  #report(sequence: number, problem: string): void {
    this.#problemCount += 1;
    if (this.#problems.length < LIMITS.logProblems) this.#problems.push({ sequence, problem });
  }

  /** A span without rows would be passed over as if it fitted. */
  #checkSpan({ from, sequence }: ArchivedRows): string | undefined {
    return sequence < from
      ? `expected archived rows up to row ${from} or one behind it, got row ${sequence}`
      : undefined;
  }

  #checkLink(sequence: number, previousHash: string): string | undefined {
    if (sequence !== this.#next) return `expected row ${this.#next}, got row ${sequence}`;
    if (previousHash !== this.#hash) return 'expected the hash of the row before, got another';
    return undefined;
  }

  #check(entry: AccessLogEntry): string | undefined {
    const problem = this.#checkLink(entry.sequence, entry.previousHash);
    if (problem !== undefined) return problem;
    if (entry.hash !== entryHash(this.wallet, entry)) return "expected the hash of the row's content, got another";
    return undefined;
  }
}

/**
 * SHA-256 (hex) of the previous row's hash (32 bytes) and then, for each column that has a value, its name and its
 * value, each as a 4-byte big-endian length and UTF-8. Columns without a value are omitted, so a column added later
 * leaves the hashes of older rows unchanged. The database computes the same in `vault.log_hash`.
 */
export function entryHash({ walletId, chain }: WalletKey, entry: AccessLogEntry): string {
  const columns = [
    ['wallet_id', walletId],
    ['chain', chain],
    ['sequence', String(entry.sequence)],
    ['at', entry.at],
    ['action', entry.action],
    ['outcome', entry.outcome],
    ['actor', entry.actor],
    ['request_id', entry.requestId],
    ['record_id', entry.recordId],
    ['reason', entry.reason],
  ] as const;
  // every character is at most three bytes of UTF-8
  const size = columns.reduce((sum, [name, value = '']) => sum + 8 + name.length + 3 * value.length, 0);
  const bytes = Buffer.allocUnsafe(entry.previousHash.length + size);
  let end = bytes.write(entry.previousHash, 'hex');
  for (const [name, value] of columns) {
    if (value === undefined) continue;
    end = writeLengthFirst(bytes, end, name);
    end = writeLengthFirst(bytes, end, value);
  }
  return hash('sha256', bytes.subarray(0, end), 'hex');
}

/** Returns the offset of its end. */
function writeLengthFirst(bytes: Buffer, start: number, text: string): number {
  const length = bytes.write(text, start + 4, 'utf8');
  bytes.writeUInt32BE(length, start);
  return start + 4 + length;
}
