import { promises as timers } from 'node:timers';
import type { PropertiesResponse } from '../lambda/contract/responses';
import { LIMITS } from '../lambda/contract/limits';
import { readPropertiesResponse } from './responses';

/**
 * A cache outside of the client, such as Redis, that several processes share. A `Map` fits too. The client treats all that
 * fails, takes longer than 100 ms or returns anything but an entry as a miss. A writer of the store can change the
 * properties that the client returns: only your own backend should be able to write to it.
 */
export interface PropertiesStore {
  /** Returns an entry, and `undefined` or `null` if there is none. */
  get(key: string): Promise<string | null | undefined> | string | null | undefined;
  /** Stores an entry. The client uses it for at most `ttlMs` milliseconds. */
  set(key: string, value: string, options: { readonly ttlMs: number }): unknown;
}

/** Wallet properties, and the time at which the vault had them. */
export interface CachedProperties {
  readonly properties: PropertiesResponse;
  /** milliseconds since 1970 */
  readonly validatedAt: number;
}

/** A store must be faster than the vault. */
const STORE_TIMEOUT_MS = 100;
/** Characters of an entry: JSON may write a character of the text as six. */
const MAX_ENTRY_CHARS = 6 * LIMITS.walletPropertiesBytes + 1_000;
/** No entry: a store has no way to delete one. */
const NONE = '';

/** Returns the store's entry, or `undefined` for anything that is not one. Never throws. */
export async function readStored(store: PropertiesStore, key: string): Promise<CachedProperties | undefined> {
  const text = await inTime(() => store.get(key));
  if (typeof text !== 'string' || text.length > MAX_ENTRY_CHARS) return undefined;
  try {
    return readEntry(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Stores an entry, or that there is none. Never throws. */
export async function writeStored(
  store: PropertiesStore,
  key: string,
  entry: CachedProperties | undefined,
  ttlMs: number,
): Promise<void> {
  const value = entry === undefined ? NONE : JSON.stringify({ ...entry.properties, validatedAt: entry.validatedAt });
  await inTime(() => store.set(key, value, { ttlMs }));
}

/** Throws unless the text has its digest. */
function readEntry(json: unknown): CachedProperties | undefined {
  const properties = readPropertiesResponse(json, undefined);
  const validatedAt = typeof json === 'object' && json !== null && 'validatedAt' in json ? json.validatedAt : undefined;
  return typeof validatedAt === 'number' ? { properties: Object.freeze(properties), validatedAt } : undefined;
}

/** Returns `undefined` if the store fails or is slow. */
async function inTime(action: () => unknown): Promise<unknown> {
  const done = new AbortController();
  const late = timers.setTimeout(STORE_TIMEOUT_MS, undefined, { signal: done.signal });
  try {
    return await Promise.race([late, action()]);
  } catch {
    return undefined;
  } finally {
    done.abort();
    late.catch(() => undefined);
  }
}
