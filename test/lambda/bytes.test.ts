import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { decodeBase64url, wipe } from '../../lambda/bytes';

describe('wipe', () => {
  test('overwrites every buffer and passes over what is missing', () => {
    const [one, two] = [randomBytes(8), new Uint8Array([1, 2])];

    wipe(one, undefined, two);

    expect([...one, ...two]).toEqual(new Array(10).fill(0));
  });
});

describe('decodeBase64url', () => {
  test.each([0, 1, 2, 3, 31, 32, 33, 5_000])('reads back %d bytes', (length) => {
    const bytes = randomBytes(length);

    expect(decodeBase64url(bytes.toString('base64url'))).toEqual(bytes);
  });

  test('gives memory of its own, never a slice of the shared pool', () => {
    const decoded = decodeBase64url('AAAA');

    expect(decoded?.buffer.byteLength).toBe(3);
  });

  test.each([
    ['padding', 'AA=='],
    ['the other alphabet', '+/+/'],
    ['white space', 'AA AA'],
    ['a line feed at the end', 'AAAA\n'],
    ['spare bits that are not zero', 'AB'],
    ['a length that none has', 'AAAAA'],
    ['a character of no alphabet', 'AA.A'],
    ['a character beyond ASCII', 'AAAä'],
  ])('refuses %s', (_case, text) => {
    expect(decodeBase64url(text)).toBeUndefined();
  });
});
