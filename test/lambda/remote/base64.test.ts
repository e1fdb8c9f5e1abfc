import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type Alphabet, decodeBytes, encodeBytes } from '../../../lambda/remote/base64';

const ALPHABETS: readonly Alphabet[] = ['base64', 'base64url'];

describe.each(ALPHABETS)('%s of keys', (alphabet) => {
  test.each([0, 1, 2, 3, 31, 32, 33, 80, 256])('encodes and decodes %i bytes as Node does', (length) => {
    const bytes = randomBytes(length);

    const text = encodeBytes(bytes, alphabet);

    expect(text.toString('latin1')).toBe(bytes.toString(alphabet));
    expect(decodeBytes(text, alphabet)).toEqual(bytes);
  });

  test('is in memory of its own', () => {
    const text = encodeBytes(randomBytes(32), alphabet);

    expect(text.buffer.byteLength).toBe(text.length);
    expect(decodeBytes(text, alphabet)?.buffer.byteLength).toBe(32);
  });

  test.each(['A', 'AB', 'ABC', 'AA=A', '=AAA', 'AA A', 'AA\n=', 'AAAA=', 'AAA=='])(
    'decodes %j only if Node encodes so',
    (text) => {
      const decoded = decodeBytes(Buffer.from(text), alphabet);

      const again = Buffer.from(text, alphabet).toString(alphabet);
      expect(decoded === undefined ? 'refused' : decoded.toString(alphabet)).toBe(again === text ? text : 'refused');
    },
  );
});
