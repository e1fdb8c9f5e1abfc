import { createHash } from 'node:crypto';

/** An object of the vault's bucket. */
export interface ObjectOfBucket {
  /** sorts by time, and has the digest of the bytes */
  readonly key: string;
  readonly bytes: Buffer;
}

/** Returns the object of bytes: the same bytes of one time are always the same object. */
export function objectOf(prefix: string, time: string, bytes: Buffer): ObjectOfBucket {
  return { key: `${prefix}${compact(time)}-${digestOf(bytes)}.json`, bytes };
}

/** Returns a time as keys have it. */
export const compact = (time: string): string => time.replace(/[-:.]/g, '');

export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
