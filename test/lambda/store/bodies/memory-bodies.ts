import { randomUUID } from 'node:crypto';
import { VaultError } from '../../../../lambda/contract/errors';
import type { BodyEntry, BodyPage, BodyStore } from '../../../../lambda/store/bodies/body-store';

interface Entry extends BodyEntry {
  readonly version: string;
  body: Buffer;
}

/** A step at which the store fails: before it acts, or after it acted and before it responds. */
export interface Failure {
  readonly step: keyof Pick<BodyStore, 'put' | 'get' | 'destroy' | 'list'>;
  readonly when: 'before' | 'after';
}

/** A body store in memory, with failures to inject. */
export class MemoryBodies implements BodyStore {
  readonly entries = new Map<string, Entry>();
  readonly calls: string[] = [];
  failure: Failure | undefined;

  constructor(readonly maxBytes = 200_000) {}

  put(recordId: string, body: Uint8Array): Promise<string> {
    return this.#act('put', () => {
      if (this.entries.has(recordId)) throw new VaultError('Conflict', 'expected a fresh record id, got another');
      const version = randomUUID();
      this.entries.set(recordId, { recordId, version, createdAt: new Date(), body: Buffer.from(body) });
      return version;
    });
  }

  get(recordId: string, version: string): Promise<Buffer | undefined> {
    return this.#act('get', () => {
      const entry = this.entries.get(recordId);
      return entry?.version === version ? entry.body : undefined;
    });
  }

  destroy(recordId: string): Promise<void> {
    return this.#act('destroy', () => void this.entries.delete(recordId));
  }

  list(after: string | undefined): Promise<BodyPage> {
    return this.#act('list', () => {
      const all = [...this.entries.values()].toSorted((a, b) => (a.recordId < b.recordId ? -1 : 1));
      const rest = all.filter(({ recordId }) => after === undefined || recordId > after);
      const entries = rest.slice(0, 2);
      return { entries, ...(rest.length > 2 && { next: entries.at(-1)?.recordId }) };
    });
  }

  /** Makes every entry older than the sweep's margin. */
  age(): void {
    const createdAt = new Date(Date.now() - 2 * 3_600_000);
    for (const [id, entry] of this.entries) this.entries.set(id, { ...entry, createdAt });
  }

  async #act<T>(step: Failure['step'], act: () => T): Promise<T> {
    this.calls.push(step);
    const fails = (when: Failure['when']) => this.failure?.step === step && this.failure.when === when;
    if (fails('before')) throw unavailable();
    const result = act();
    if (fails('after')) throw unavailable();
    return result;
  }
}

const unavailable = () => new VaultError('StoreUnavailable', 'expected a body store that works, got one that fails');
