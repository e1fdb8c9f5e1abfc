import { randomUUID } from 'node:crypto';
import { VaultError } from '../../../../lambda/contract/errors';
import type { BodyPage, BodyStore } from '../../../../lambda/store/bodies/body-store';

interface Entry {
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
      this.entries.set(recordId, { version, body: Buffer.from(body) });
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
      const rest = [...this.entries.keys()].toSorted().filter((id) => after === undefined || id > after);
      const recordIds = rest.slice(0, 2);
      return { recordIds, ...(rest.length > 2 && { next: recordIds.at(-1) }) };
    });
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
