import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { keyBefore, readTombstoneObject, tombstoneObject } from '../../../lambda/contract/tombstone-object';

const TOMBSTONE = {
  environment: 'prod',
  walletId: 'wållet-1',
  chain: 'EVM',
  revokedUntilNs: '1790000000000000001',
  notedAt: '2026-11-30T12:00:00.123456Z',
};
const made = tombstoneObject(TOMBSTONE);
const named = (bytes: Buffer, time = '20261130T120000123456Z') => ({
  key: `tombstones/${time}-${createHash('sha256').update(bytes).digest('hex')}.json`,
  bytes,
});

describe('an object of tombstones', () => {
  test('is named by its time and its digest, and reads back', () => {
    expect(made.key).toMatch(/^tombstones\/20261130T120000123456Z-[0-9a-f]{64}\.json$/);
    expect(readTombstoneObject(made, 'prod')).toEqual({ format: 1, ...TOMBSTONE });
    expect(tombstoneObject(TOMBSTONE)).toEqual(made);
  });

  test('sorts after the text of a time if it was noted then or later', () => {
    const at = (since: string) => keyBefore(since) < made.key;

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
  ])('is refused with %s', (_what, object) => {
    expect(() => readTombstoneObject(object, 'prod')).toThrowWithCode('Conflict');
  });

  test('of another environment is refused', () => {
    expect(() => readTombstoneObject(made, 'dev')).toThrow(/expected tombstones of this environment/);
  });
});
