import * as v from 'valibot';
import { type ObjectOfBucket, compact, digestOf, objectOf } from './bucket-object';
import { VaultError } from './errors';
import { ENVIRONMENT_PATTERN } from './patterns';
import { type Described, anySpelling, instant, matching } from './schema';
import { TOMBSTONES_PREFIX } from './tombstone-prefix';
import { nanoseconds } from './tombstones';

/** A wallet's tombstones of one time, as an object of a bucket. It holds ids and times, no material. */
export const TOMBSTONE_OBJECT = v.strictObject({
  format: v.literal(1, '1'),
  environment: matching(ENVIRONMENT_PATTERN, 'the name of an environment'),
  walletId: anySpelling,
  chain: anySpelling,
  revokedUntilNs: v.optional(nanoseconds),
  serverKeySharesRevokedAt: v.optional(instant),
  /** the database's time of the change, in microseconds */
  notedAt: matching(
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$/,
    'a time in UTC with microseconds',
  ),
});
export type TombstoneObject = Described<typeof TOMBSTONE_OBJECT>;

const KEY = /^tombstones\/\d{8}T\d{12}Z-([0-9a-f]{64})\.json$/;

/** Returns the object of tombstones. The same tombstones are always the same object. */
export function tombstoneObject(tombstone: Omit<TombstoneObject, 'format'>): ObjectOfBucket {
  const { environment, walletId, chain, revokedUntilNs, serverKeySharesRevokedAt, notedAt } = tombstone;
  const times = { revokedUntilNs, serverKeySharesRevokedAt, notedAt };
  const bytes = Buffer.from(JSON.stringify({ format: 1, environment, walletId, chain, ...times }), 'utf8');
  return objectOf(TOMBSTONES_PREFIX, notedAt, bytes);
}

/** Returns a text: the keys of tombstones since a time sort after it. */
export function keyBefore(since: string): string {
  return `${TOMBSTONES_PREFIX}${compact(since).replace(/Z$/, '')}`;
}

/** More than the longest object: two ids of 255 characters and three times, escaped. */
const MAX_BYTES = 8_192;

/** Returns whether a vault may have put an object of this key and size. */
export const maybeTombstone = (key: string, size: number): boolean => KEY.test(key) && size <= MAX_BYTES;

/** Reads an object that a bucket returned. Throws `Conflict` for one that was changed or is another environment's. */
export function readTombstoneObject({ key, bytes }: ObjectOfBucket, environment: string): TombstoneObject {
  const [, digest] = KEY.exec(key) ?? [];
  if (digest === undefined) throw foreign('an object that a vault named');
  if (digest !== digestOf(bytes)) throw foreign('an object with the digest that its key has');
  const { success, output } = v.safeParse(TOMBSTONE_OBJECT, parse(bytes));
  if (!success) throw foreign('tombstones');
  if (output.environment !== environment) throw foreign('tombstones of this environment');
  if (tombstoneObject(output).key !== key) throw foreign('the time that its key has');
  return output;
}

function foreign(expected: string): VaultError {
  return new VaultError('Conflict', `expected ${expected}, got something else`);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
