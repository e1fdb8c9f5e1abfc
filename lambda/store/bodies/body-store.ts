export interface BodyPage {
  /** UUIDs of the entries' records */
  readonly recordIds: readonly string[];
  /** pass as `after` for the next page; absent on the last */
  readonly next?: string | undefined;
}

/**
 * A store outside PostgreSQL for the bodies of sealed messages: one entry a record, in the vault's own part of the store.
 * The bodies are ciphertext without the wrapped data keys, so nobody can open them without the record's row.
 *
 * Throws only `VaultError`: `StoreUnavailable` if the store refuses, fails or can't be reached (the caller may retry),
 * `StoreFull` if a quota of the store is used up. Each method makes its own retries within the signal's time.
 */
export interface BodyStore {
  /** longest body that the store takes, in bytes */
  readonly maxBytes: number;
  /**
   * Stores the body of a record whose id is fresh; returns the version of the entry. Never changes an entry: a second
   * body under one id is refused with `Conflict`, or gets a version of its own.
   */
  put(recordId: string, body: Uint8Array, signal: AbortSignal): Promise<string>;
  /** Returns exactly this version of the record's body; `undefined` if the entry, or the version, does not exist. */
  get(recordId: string, version: string, signal: AbortSignal): Promise<Buffer | undefined>;
  /** Destroys every version. An entry that does not exist, or was destroyed before, is no error. */
  destroy(recordId: string, signal: AbortSignal): Promise<void>;
  /** Returns a page of the entries that were not destroyed. Ignores whatever else the store has. */
  list(after: string | undefined, signal: AbortSignal): Promise<BodyPage>;
}

/** The longest response with one entry, in bytes: both materials in base64, and what the service adds. */
export const ENTRY_RESPONSE_BYTES = 262_144;
