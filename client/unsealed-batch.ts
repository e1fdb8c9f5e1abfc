import type { Settled } from './batch';
import type { UnsealedRecord } from './record';

/**
 * The outcomes of `unsealMany`, in the order of its items. `dispose()`, or the end of a block with `using` or `await using`,
 * overwrites the materials of all its records.
 */
export class UnsealedBatch implements Disposable, AsyncDisposable, Iterable<Settled<UnsealedRecord>> {
  readonly results: readonly Settled<UnsealedRecord>[];

  constructor(results: readonly Settled<UnsealedRecord>[]) {
    this.results = results;
  }

  [Symbol.iterator](): Iterator<Settled<UnsealedRecord>> {
    return this.results.values();
  }

  /** Overwrites the materials of every record. Another call does nothing. */
  dispose(): void {
    for (const result of this.results) if (result.ok) result.value.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
    return Promise.resolve();
  }
}
