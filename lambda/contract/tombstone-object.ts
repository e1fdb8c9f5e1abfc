import * as v from 'valibot';
import { type ObjectOfBucket, compact, digestOf, objectOf } from './bucket-object';
import { VaultError } from './errors';
import { ENVIRONMENT_PATTERN } from './patterns';
import { type Described, anySpelling, instant, matching } from './schema';
import { DELEGATED_TOMBSTONES_PREFIX, TOMBSTONES_PREFIX } from './tombstone-prefix';
import { ONE_TIME, hasTime, tombstoneTimes } from './tombstones';

const NOTED_AT = 'a time in UTC with microseconds';

/** A wallet's tombstones of one time, as an object of a bucket. It holds ids and times, no material. */
export const TOMBSTONE_OBJECT = v.pipe(
  v.strictObject({
    format: v.literal(1, '1'),
    environment: matching(ENVIRONMENT_PATTERN, 'the name of an environment'),
    walletId: anySpelling,
    chain: anySpelling,
    ...tombstoneTimes,
    /** the database's time of the change, in microseconds */
    notedAt: v.pipe(
      matching(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$/, NOTED_AT),
      v.check((value) => v.is(instant, value.replace(/\d{3}Z$/, 'Z')), NOTED_AT),
    ),
  }),
  v.check((times) => hasTime(times), ONE_TIME),
);
export type TombstoneObject = Described<typeof TOMBSTONE_OBJECT>;

/** Prefixes of tombstones, in the order of their keys. */
export const TOMBSTONE_PREFIXES = [DELEGATED_TOMBSTONES_PREFIX, TOMBSTONES_PREFIX] as const;
export type TombstonePrefix = (typeof TOMBSTONE_PREFIXES)[number];
const KEY = /^((?:delegated-)?tombstones\/)\d{8}T\d{12}Z-([0-9a-f]{64})\.json$/;

/** Returns the object of tombstones. The same tombstones are always the same object of a prefix. */
export function tombstoneObject(tombstone: Omit<TombstoneObject, 'format'>, prefix: string): ObjectOfBucket {
  const { environment, walletId, chain, revokedUntilNs, serverKeySharesRevokedAt, notedAt } = tombstone;
  const times = { revokedUntilNs, serverKeySharesRevokedAt, notedAt };
  const bytes = Buffer.from(JSON.stringify({ format: 1, environment, walletId, chain, ...times }), 'utf8');
  return objectOf(prefix, notedAt, bytes);
}

/** Returns a text: the keys of tombstones since a time sort after it, but for those of an unknown time. */
export function keyBefore(prefix: TombstonePrefix, since: string): string {
  return `${prefix}${compact(since).replace(/Z$/, '')}`;
}

/** Returns what the keys of tombstones begin with whose time is unknown: an earlier release made them. */
export const keysOfUnknownTime = (prefix: TombstonePrefix): string => `${prefix}19700101T000000000000Z-`;

/** More than the longest object: two ids of 255 characters and three times, escaped. */
const MAX_BYTES = 8_192;

/** Returns whether a vault may have put an object of this key and size. */
export const maybeTombstone = (key: string, size: number): boolean => KEY.test(key) && size <= MAX_BYTES;

/** Reads an object that a bucket returned. Throws `Conflict` for one that was changed or is another environment's. */
export function readTombstoneObject({ key, bytes }: ObjectOfBucket, environment: string): TombstoneObject {
  const [, prefix, digest] = KEY.exec(key) ?? [];
  if (prefix === undefined || digest === undefined) throw foreign('an object that a vault named');
  if (digest !== digestOf(bytes)) throw foreign('an object with the digest that its key has');
  const { success, output } = v.safeParse(TOMBSTONE_OBJECT, parse(bytes));
  if (!success) throw foreign('tombstones');
  if (output.environment !== environment) throw foreign('tombstones of this environment');
  // receive may revoke delegated shares only, and puts no others: not even with its session in hand
  const isDelegated = prefix === DELEGATED_TOMBSTONES_PREFIX;
  if (isDelegated && output.serverKeySharesRevokedAt !== undefined) throw foreign('a tombstone of delegated shares');
  if (tombstoneObject(output, prefix).key !== key) throw foreign('the time that its key has');
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
