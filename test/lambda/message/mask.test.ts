import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { withMask } from '../../../lambda/message/mask';
import { withRandomBytes } from '../../../lambda/message/random';

/** Around words, and around the length from which on random bytes are made for one call. */
const LENGTHS = [0, 1, 3, 4, 5, 16, 600, 4_096, 4_097, 65_536];
/** More calls than the random bytes made at once suffice for. */
const CALLS = 2_000;

describe('withMask', () => {
  test.each(LENGTHS)('returns %d bytes as they were if nothing is added to them', (length) => {
    const bytes = randomBytes(length);

    expect(withMask(bytes, (masked) => Buffer.concat([masked])).equals(bytes)).toBe(true);
  });

  test('takes bytes at any offset of their memory', () => {
    const bytes = randomBytes(64).subarray(3, 40);

    expect(withMask(bytes, (masked) => Buffer.concat([masked]))).toEqual(Buffer.from(bytes));
  });

  test('overwrites the masked bytes, from which the mask could be computed, also if their use fails', () => {
    const given: Buffer[] = [];
    const keep = (masked: Buffer): Buffer => {
      given.push(masked);
      return Buffer.concat([masked]);
    };
    const fail = (masked: Buffer): never => {
      given.push(masked);
      throw new Error('no use');
    };

    withMask(randomBytes(600), keep);
    expect(() => withMask(randomBytes(600), fail)).toThrow('no use');

    expect(given.map((masked) => masked.equals(Buffer.alloc(600)))).toEqual([true, true]);
  });

  test('gives other bytes than its own, and others at each call', () => {
    const bytes = Buffer.alloc(32);
    const seen = new Set(Array.from({ length: CALLS }, () => maskedText(bytes)));

    expect(seen.size).toBe(CALLS);
    expect(seen).not.toContain(bytes.toString('hex'));
  });
});

describe('withRandomBytes', () => {
  test.each(LENGTHS)('gives %d bytes that begin at a word, and overwrites them', (length) => {
    const bytes = withRandomBytes(length, (it) => {
      if (length >= 16) expect(it).not.toEqual(Buffer.alloc(length));
      return it;
    });

    expect(bytes).toEqual(Buffer.alloc(length));
    expect(bytes.byteOffset % 4).toBe(0);
  });

  test('overwrites them if their use fails', () => {
    let bytes: Buffer = Buffer.alloc(0);
    const use = (it: Buffer): never => {
      bytes = it;
      throw new Error('no use');
    };

    expect(() => withRandomBytes(16, use)).toThrow('no use');
    expect(bytes).toEqual(Buffer.alloc(16));
  });

  test('gives a call within a call other bytes', () => {
    withRandomBytes(16, (outer) => {
      const before = Buffer.from(outer);
      // more than one stock has
      for (let i = 0; i < 2_000; i += 1) withRandomBytes(16, (inner) => expect(inner.equals(before)).toBe(false));
      expect(outer.equals(before)).toBe(true);
    });
  });
});

function maskedText(bytes: Buffer): string {
  let seen = '';
  withMask(bytes, (masked) => {
    seen = masked.toString('hex');
    return Buffer.concat([masked]);
  });
  return seen;
}
