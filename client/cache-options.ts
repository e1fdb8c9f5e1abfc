import { LIMITS } from '../lambda/contract/limits';
import type { PropertiesStore } from './properties-store';

/** The cache of wallet properties that `walletProperties` reads. */
export interface PropertiesCacheOptions {
  /** wallets in this process, 1 to 1,000,000. @default 1,000 */
  readonly maxEntries?: number;
  /** bytes of this process's memory, 1,048,576 (1 MiB) or more. @default 16,777,216 (16 MiB) */
  readonly maxBytes?: number;
  /**
   * milliseconds for which an entry is used before the vault is asked whether it changed, 0 to 86,400,000: a change made
   * elsewhere is seen after that time at the latest. @default 60,000
   */
  readonly ttlMs?: number;
  /** a further cache that processes share, asked before the vault. @default - none */
  readonly store?: PropertiesStore;
}

export type CacheSettings = Required<Omit<PropertiesCacheOptions, 'store'>> & Pick<PropertiesCacheOptions, 'store'>;

const MAX_ENTRIES = 1_000_000;
/** One entry with the longest text has to fit. */
const MIN_BYTES = 4 * LIMITS.walletPropertiesBytes;
const MAX_TTL_MS = 86_400_000;

/** Reads the option `propertiesCache`; calls `complain` for each wrong member. */
export function readCacheOptions(options: unknown, complain: (place: string, expected: string) => void): CacheSettings {
  const given: Partial<Record<keyof PropertiesCacheOptions, unknown>> =
    typeof options === 'object' && options !== null ? options : {};
  if (options !== undefined && given !== options) complain('propertiesCache', 'an object');
  const wholeNumber = (name: 'maxEntries' | 'maxBytes' | 'ttlMs', min: number, max: number, other: number): number => {
    const value = given[name] ?? other;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
    complain(`propertiesCache.${name}`, `a whole number from ${min} to ${max}`);
    return other;
  };
  const { store } = given;
  if (store !== undefined && !isStore(store)) complain('propertiesCache.store', 'an object with get and set');
  return {
    maxEntries: wholeNumber('maxEntries', 1, MAX_ENTRIES, 1_000),
    maxBytes: wholeNumber('maxBytes', MIN_BYTES, Number.MAX_SAFE_INTEGER, 16 * MIN_BYTES),
    ttlMs: wholeNumber('ttlMs', 0, MAX_TTL_MS, 60_000),
    ...(isStore(store) && { store }),
  };
}

function isStore(value: unknown): value is PropertiesStore {
  if (typeof value !== 'object' || value === null || !('get' in value) || !('set' in value)) return false;
  return typeof value.get === 'function' && typeof value.set === 'function';
}
