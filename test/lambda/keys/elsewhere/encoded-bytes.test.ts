import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { decodeBase64urlBytes, encodeBase64urlBytes } from '../../../../lambda/keys/elsewhere/encoded-bytes';

const LENGTHS = [0, 1, 2, 3, 4, 5, 31, 32, 60, 80, 256, 512];

describe('base64url from bytes to bytes', () => {
  test.each(LENGTHS)('encodes %i bytes as Node does', (length) => {
    const bytes = randomBytes(length);

    expect(encodeBase64urlBytes(bytes).toString('latin1')).toBe(bytes.toString('base64url'));
  });

  test.each(LENGTHS)('decodes what Node makes of %i bytes', (length) => {
    const bytes = randomBytes(length);

    expect(decodeBase64urlBytes(Buffer.from(bytes.toString('base64url')))).toEqual(bytes);
  });

  test.each([
    ['padding', 'AA=='],
    ['the other alphabet', 'A+A/'],
    ['white space', 'AAA\n'],
    ['a digit too many', 'AAAAA'],
    ['spare bits in two digits', 'AB'],
    ['spare bits in three digits', 'AAB'],
    ['bytes outside ASCII', '\u00e4A'],
  ])('refuses a text with %s', (_what, text) => {
    expect(decodeBase64urlBytes(Buffer.from(text, 'latin1'))).toBeUndefined();
  });

  test('returns memory of its own', () => {
    expect(encodeBase64urlBytes(Buffer.alloc(32)).buffer.byteLength).toBe(43);
    expect(decodeBase64urlBytes(Buffer.alloc(43, 'A'))?.buffer.byteLength).toBe(32);
  });
});
