import { createHash } from 'node:crypto';
import type { AccessLogEntry, AuditAnswer, AuditRequest, RecordMetadata } from '../../../lambda/api';

export type Entry = Omit<AccessLogEntry, 'sequence' | 'at' | 'previousHash' | 'hash'>;

const NO_HASH = '0'.repeat(64);

/** The access log of one wallet: a real hash chain, in pages of two entries. */
export class Ledger {
  readonly entries: AccessLogEntry[] = [];
  readonly pageRows = 2;

  append(entry: Entry): void {
    const sequence = this.entries.length + 1;
    const previousHash = this.entries.at(-1)?.hash ?? NO_HASH;
    const linked = { ...entry, sequence, at: new Date().toISOString(), previousHash };
    this.entries.push({ ...linked, hash: digest(linked) });
  }

  answer(request: AuditRequest, records: readonly RecordMetadata[], revokedAt: string | undefined): AuditAnswer {
    if (request.action === 'records') return { records, ...(revokedAt !== undefined && { revokedAt }) };
    if (request.action === 'log') return this.#page(request.after ?? 0);
    return this.#verify();
  }

  #page(after: number): AuditAnswer {
    const entries = this.entries.slice(after, after + this.pageRows);
    const next = after + this.pageRows;
    return { entries, ...(next < this.entries.length && { next }) };
  }

  #verify(): AuditAnswer {
    const broken = this.entries.find(({ hash, ...linked }) => digest(linked) !== hash);
    const facts = { length: this.entries.length, head: this.entries.at(-1)?.hash ?? NO_HASH };
    if (broken === undefined) return { intact: true, ...facts };
    const problem = { sequence: broken.sequence, problem: 'hash' };
    return {
      intact: false,
      ...facts,
      brokenAt: broken.sequence,
      problem: 'hash',
      problems: [problem],
      problemCount: 1,
    };
  }
}

function digest(linked: object): string {
  return createHash('sha256').update(JSON.stringify(linked)).digest('hex');
}
