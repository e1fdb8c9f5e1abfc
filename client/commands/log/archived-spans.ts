import { createHash } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { CHAIN_START, entryHash } from '../../../lambda/contract/chain';
import type { ArchivedRow } from '../../../lambda/contract/log-archive';
import type { ChainPosition } from '../../../lambda/contract/responses';
import type { Wallet } from '../../requests';
import { readInChunks } from '../bounded';
import { splitLines } from '../lines';
import { drained } from '../output';

/** Rows of a wallet without a gap, each verified against the one before. */
export interface ArchivedSpan extends Wallet {
  readonly first: number;
  readonly previousHash: string;
  readonly last: number;
  readonly hash: string;
}

/** The archived rows of a wallet: their first one, and the last one. */
export interface ArchivedEnds {
  readonly wallet: Wallet;
  readonly from: number;
  readonly head: ChainPosition;
}

/** The spans of all wallets are divided among so many files: memory has room for one of them. */
const FILES = 64;

/**
 * Verifies archived rows of many wallets: each row's hash, and its place behind the row before. The months of an archive have
 * their wallets in an order of the database's, and after a step of the clock a row can be in an earlier month than the row
 * before it: so the spans of each month are joined by their numbers at the end. Needs room for some 300 bytes for each
 * wallet and month in the system's temporary folder.
 */
export class ArchivedSpans {
  readonly #dir = mkdtempSync(join(tmpdir(), 'share-vault-log-'));
  readonly #files = Array.from({ length: FILES }, (_, at) => createWriteStream(join(this.#dir, `${at}.jsonl`)));
  #span: ArchivedSpan | undefined;

  /** Adds a month's row. Returns its problem, if its hash is another or it is not behind the row before of its wallet. */
  async add({ wallet, entry }: ArchivedRow): Promise<string | undefined> {
    const { sequence, previousHash, hash } = entry;
    const problem =
      entryHash(wallet, entry) === hash ? undefined : "expected the hash of the row's content, got another";
    const span = this.#span;
    const isSame = span?.walletId === wallet.walletId && span.chain === wallet.chain;
    if (isSame && sequence === span.last + 1 && previousHash === span.hash) {
      this.#span = { ...span, last: sequence, hash };
      return problem;
    }
    await this.endMonth();
    this.#span = { ...wallet, first: sequence, previousHash, last: sequence, hash };
    return problem;
  }

  /** Ends the span that the last row belongs to. */
  async endMonth(): Promise<void> {
    if (this.#span === undefined) return;
    const { walletId, chain } = this.#span;
    const [byte = 0] = createHash('sha256').update(`${chain}\0${walletId}`).digest();
    const file = this.#files[byte % FILES];
    if (file?.write(`${JSON.stringify(this.#span)}\n`) === false) await drained(file);
    this.#span = undefined;
  }

  /** Joins the spans of each wallet. Returns its ends, or a problem: a row that is missing, is there twice or does not fit. */
  async *join(): AsyncGenerator<{ readonly ends: ArchivedEnds; readonly problem: string | undefined }> {
    for (const file of this.#files) await finished(file.end());
    for (let at = 0; at < FILES; at += 1) {
      const wallets = new Map<string, [ArchivedSpan, ...ArchivedSpan[]]>();
      for await (const line of splitLines(readInChunks(join(this.#dir, `${at}.jsonl`)))) {
        const span = JSON.parse(line) as ArchivedSpan;
        const key = JSON.stringify([span.walletId, span.chain]);
        const known = wallets.get(key);
        if (known === undefined) wallets.set(key, [span]);
        else known.push(span);
      }
      for (const spans of wallets.values()) yield joinSpans(spans);
    }
  }

  /** Deletes the files. */
  close(): void {
    for (const file of this.#files) file.destroy();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function joinSpans(spans: readonly [ArchivedSpan, ...ArchivedSpan[]]) {
  const [start, ...rest] = spans.toSorted((a, b) => a.first - b.first || a.last - b.last) as unknown as typeof spans;
  const { walletId, chain, first: from } = start;
  let head: ChainPosition = from === 1 ? CHAIN_START : { sequence: from - 1, hash: start.previousHash };
  let problem: string | undefined;
  for (const { first, previousHash, last, hash } of [start, ...rest]) {
    if (first !== head.sequence + 1) problem ??= `expected row ${head.sequence + 1}, got row ${first}`;
    else if (previousHash !== head.hash) problem ??= `row ${first}: expected the hash of the row before, got another`;
    head = { sequence: last, hash };
  }
  return { ends: { wallet: { walletId, chain }, from, head }, problem };
}
