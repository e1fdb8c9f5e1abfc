import { createHash } from 'node:crypto';
import type { AccessLogEntry } from '../api';
import type { ChainHead, WalletKey } from './store';

/** The first row that does not fit, and how; then the first hundred, and how many there are. */
export interface ChainProblem {
  readonly brokenAt: number;
  readonly problem: string;
  readonly problems: readonly RowProblem[];
  readonly problemCount: number;
}

/** A row that does not fit, and how. */
export interface RowProblem {
  readonly sequence: number;
  readonly problem: string;
}

const MAX_PROBLEMS = 100;

/** What the first row of every log has before it. */
const GENESIS = '0'.repeat(64);

/**
 * Verifies a wallet's access log against the length and hash that the wallet's row remembers. Rows are added in pages,
 * oldest first; those behind the head were written after it was read and are passed over. A row that does not fit is
 * reported, and the next one compared with it. Pure: asks nobody. The log
 * is evidence against everyone below the database's owner; who may rewrite rows and head together is found out only by
 * a head kept elsewhere.
 */
export class ChainVerifier {
  #next = 1;
  #hash = GENESIS;
  readonly #problems: RowProblem[] = [];
  #problemCount = 0;

  constructor(
    private readonly wallet: WalletKey,
    private readonly head: ChainHead,
  ) {}

  add(entries: readonly AccessLogEntry[]): void {
    for (const entry of entries) {
      if (this.#next > this.head.length) return;
      this.#report(this.#check(entry));
      this.#next = Math.max(this.#next, entry.sequence) + 1;
      this.#hash = entry.hash;
    }
  }

  /** Call after the last page; `undefined` where the log is intact. */
  end(): ChainProblem | undefined {
    const length = this.#next - 1;
    if (length < this.head.length) {
      this.#report(`expected ${this.head.length} rows, got ${length}`);
    } else if (this.#hash !== Buffer.from(this.head.hash).toString('hex')) {
      this.#report("expected the last row's hash to be the head's, got another", Math.max(1, length));
    }
    const [first] = this.#problems;
    if (first === undefined) return undefined;
    const { sequence: brokenAt, problem } = first;
    return { brokenAt, problem, problems: this.#problems, problemCount: this.#problemCount };
  }

  #report(problem: string | undefined, sequence = this.#next): void {
    if (problem === undefined) return;
    this.#problemCount += 1;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ sequence, problem });
  }

  #check(entry: AccessLogEntry): string | undefined {
    if (entry.sequence !== this.#next) return `expected row ${this.#next}, got row ${entry.sequence}`;
    if (entry.previousHash !== this.#hash) return 'expected the hash of the row before, got another';
    if (entry.hash !== entryHash(this.wallet, entry)) return "expected the hash of the row's content, got another";
    return undefined;
  }
}

/**
 * SHA-256 (hex) of the previous row's hash (32 bytes) and then, for each column that has a value, its name and its
 * value, each as a 4-byte big-endian length and UTF-8. What has no value is left out, so that a column added later
 * leaves the hashes of older rows as they are. The database computes the same in `vault.log_hash`.
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
  const hash = createHash('sha256').update(Buffer.from(entry.previousHash, 'hex'));
  for (const [name, value] of columns) {
    if (value !== undefined) hash.update(lengthFirst(name)).update(lengthFirst(value));
  }
  return hash.digest('hex');
}

function lengthFirst(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
