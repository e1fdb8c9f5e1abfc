import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  keyBefore,
  keysOfUnknownTime,
  readTombstoneObject,
  tombstoneObject,
} from '../../../lambda/contract/tombstone-object';
import { DELEGATED_TOMBSTONES_PREFIX, TOMBSTONES_PREFIX } from '../../../lambda/contract/tombstone-prefix';

const TOMBSTONE = {
  environment: 'prod',
  walletId: 'wållet-1',
  chain: 'EVM',
  revokedUntilNs: '1790000000000000001',
  notedAt: '2026-11-30T12:00:00.123456Z',
};
const made = tombstoneObject(TOMBSTONE, TOMBSTONES_PREFIX);
const named = (bytes: Buffer, time = '20261130T120000123456Z', prefix: string = TOMBSTONES_PREFIX) => ({
  key: `${prefix}${time}-${createHash('sha256').update(bytes).digest('hex')}.json`,
  bytes,
});

const changed = (change: object, prefix?: string) => {
  const { notedAt, ...rest } = { format: 1, ...TOMBSTONE, ...change };
  return named(Buffer.from(JSON.stringify({ ...rest, notedAt })), undefined, prefix);
};

describe('an object of tombstones', () => {
  test('is named by its time and its digest, and reads back', () => {
    expect(made.key).toMatch(/^tombstones\/20261130T120000123456Z-[0-9a-f]{64}\.json$/);
    expect(readTombstoneObject(made, 'prod')).toEqual({ format: 1, ...TOMBSTONE });
    expect(tombstoneObject(TOMBSTONE, TOMBSTONES_PREFIX)).toEqual(made);
  });

  test('sorts after the text of a time if it was noted then or later', () => {
    const at = (since: string) => keyBefore(TOMBSTONES_PREFIX, since) < made.key;

    expect(at('2026-11-30T12:00:00.123Z')).toBe(true);
    expect(at('2026-11-30T12:00:00.124Z')).toBe(false);
    expect(at('2026-01-31T12:00:00.000Z')).toBe(true);
  });

  test.each([
    ['bytes that were changed', { ...made, bytes: Buffer.from(made.bytes.toString().replace('EVM', 'SOL')) }],
    ['bytes that were cut', { ...made, bytes: made.bytes.subarray(1) }],
    ['a key that no vault made', { ...made, key: 'tombstones/readme.txt' }],
    ['a key of another time', named(made.bytes, '20201130T120000123456Z')],
    ['bytes that are no JSON', named(Buffer.from('none'))],
    ['a member that is not known', named(Buffer.from(JSON.stringify({ format: 1, ...TOMBSTONE, force: true })))],
    ['another format', named(Buffer.from(JSON.stringify({ format: 2, ...TOMBSTONE })))],
    ['a time that the database has no room for', changed({ revokedUntilNs: '9223372036854775808' })],
    ['neither time', changed({ revokedUntilNs: undefined })],
    [
      'a time of change that is none',
      named(
        Buffer.from(JSON.stringify({ format: 1, ...TOMBSTONE, notedAt: '9999-99-99T99:99:99.999999Z' })),
        '99999999T999999999999Z',
      ),
    ],
    [
      'server key shares that receive may not revoke',
      changed({ serverKeySharesRevokedAt: '2026-11-30T12:00:00.000Z' }, DELEGATED_TOMBSTONES_PREFIX),
    ],
  ])('is refused with %s', (_what, object) => {
    expect(() => readTombstoneObject(object, 'prod')).toThrowWithCode('Conflict');
  });

  test('of receive is read like those of revoke, which can have both times and the largest', () => {
    const ofReceive = tombstoneObject(TOMBSTONE, DELEGATED_TOMBSTONES_PREFIX);
    expect(ofReceive.key).toMatch(/^delegated-tombstones\/20261130T120000123456Z-[0-9a-f]{64}\.json$/);
    expect(readTombstoneObject(ofReceive, 'prod')).toEqual({ format: 1, ...TOMBSTONE });

    const both = { revokedUntilNs: '9223372036854775807', serverKeySharesRevokedAt: '2026-11-30T12:00:00.000Z' };
    expect(readTombstoneObject(changed(both), 'prod')).toMatchObject(both);
  });

  test('of an unknown time begins with a text that no other key begins with', () => {
    const notedAt = '1970-01-01T00:00:00.000000Z';
    const unknown = tombstoneObject({ ...TOMBSTONE, notedAt }, TOMBSTONES_PREFIX).key;

    expect(unknown.startsWith(keysOfUnknownTime(TOMBSTONES_PREFIX))).toBe(true);
    expect(made.key.startsWith(keysOfUnknownTime(TOMBSTONES_PREFIX))).toBe(false);
  });

  test('of another environment is refused', () => {
    expect(() => readTombstoneObject(made, 'dev')).toThrow(/expected tombstones of this environment/);
  });
});
