import { LRUCache } from 'lru-cache';
import type { PropertiesResponse } from '../lambda/contract/responses';
import type { CacheSettings } from './cache-options';
import { type CachedProperties, readStored, writeStored } from './properties-store';
import type { CachedPropertiesOptions, Wallet } from './requests';
import { type SharedCall, SharedCalls } from './shared-calls';

/** Asks the vault for a version, by default the newest. If the vault's text is the known one, the response omits it. */
export type FetchProperties = (
  wallet: Wallet,
  version: number | undefined,
  known: PropertiesResponse | undefined,
  signal: AbortSignal | undefined,
) => Promise<PropertiesResponse>;

/** Bytes of an entry besides its key and its text, roughly. */
const ENTRY_OVERHEAD = 512;

/**
 * Wallet properties in this process's memory and, if there is one, in a store that processes share. An entry is used until
 * it is `ttlMs` old; then the vault is asked whether it changed. Concurrent reads of a wallet share one call.
 */
export class PropertiesCache {
  readonly #settings: CacheSettings;
  /** the vault that it caches: environment and function */
  readonly #vault: readonly [string, string];
  readonly #fetch: FetchProperties;
  readonly #entries: LRUCache<string, CachedProperties>;
  readonly #calls = new SharedCalls<PropertiesResponse>();
  /** wallets that were forgotten since the vault was asked: the store may have what another process read before */
  readonly #forgotten: LRUCache<string, true>;

  constructor(settings: CacheSettings, vault: readonly [string, string], fetch: FetchProperties) {
    this.#settings = settings;
    this.#vault = vault;
    this.#fetch = fetch;
    this.#forgotten = new LRUCache({ max: settings.maxEntries });
    this.#entries = new LRUCache({
      max: settings.maxEntries,
      maxSize: settings.maxBytes,
      // a character has two bytes at most
      sizeCalculation: ({ properties }, key) => 2 * (key.length + properties.walletProperties.length) + ENTRY_OVERHEAD,
    });
  }

  async read(wallet: Wallet, { version, fresh = false, signal }: CachedPropertiesOptions): Promise<PropertiesResponse> {
    signal?.throwIfAborted();
    const key = this.#keyOf(wallet);
    const cached = this.#entries.get(key);
    const fits = version === undefined || version === cached?.properties.version;
    if (!fresh && cached !== undefined && fits && this.#isYoung(cached)) return cached.properties;
    // only the newest version is cached
    if (version !== undefined) return this.#fetch(wallet, version, undefined, signal);
    const load = (call: SharedCall): Promise<PropertiesResponse> => this.#load(wallet, key, fresh, call);
    return fresh ? this.#calls.restart(key, load, signal) : this.#calls.join(key, load, signal);
  }

  /**
   * Forgets a wallet that a call may have changed. The result of a read that is under way is not kept, since it may be of the
   * time before.
   */
  async forget(wallet: Wallet): Promise<void> {
    const key = this.#keyOf(wallet);
    this.#calls.forget(key);
    this.#entries.delete(key);
    this.#forgotten.set(key, true);
    await this.#store(key, undefined);
  }

  async #load(wallet: Wallet, key: string, fresh: boolean, call: SharedCall): Promise<PropertiesResponse> {
    const own = this.#entries.get(key);
    const stored = fresh || this.#forgotten.has(key) ? undefined : await this.#stored(key, own);
    if (stored !== undefined && this.#isYoung(stored)) return this.#keep(key, stored, call);
    const known = stored ?? own;
    const validatedAt = Date.now();
    const properties = await this.#fetch(wallet, undefined, known?.properties, call.signal);
    const entry = { properties: Object.freeze(properties), validatedAt };
    if (call.isCurrent()) {
      this.#forgotten.delete(key);
      void this.#store(key, entry);
    }
    return this.#keep(key, entry, call);
  }

  #keep(key: string, entry: CachedProperties, { isCurrent }: SharedCall): PropertiesResponse {
    if (isCurrent()) this.#entries.set(key, entry);
    return entry.properties;
  }

  /** Returns the store's entry, unless it is older than the one of this process: versions do not go back while this process has one. */
  async #stored(key: string, own: CachedProperties | undefined): Promise<CachedProperties | undefined> {
    if (this.#settings.store === undefined) return undefined;
    const stored = await readStored(this.#settings.store, key);
    return (stored?.properties.version ?? 0) < (own?.properties.version ?? 0) ? undefined : stored;
  }

  async #store(key: string, entry: CachedProperties | undefined): Promise<void> {
    const { store, ttlMs } = this.#settings;
    if (store !== undefined && ttlMs > 0) await writeStored(store, key, entry, ttlMs);
  }

  #isYoung({ validatedAt }: CachedProperties): boolean {
    // a clock may be set back, and a store's entry may be of a clock that is ahead
    const age = Date.now() - validatedAt;
    return age >= 0 && age < this.#settings.ttlMs;
  }

  /** JSON: names can't run into each other. */
  #keyOf({ walletId, chain }: Wallet): string {
    return `share-vault:properties:${JSON.stringify([...this.#vault, walletId, chain])}`;
  }
}
