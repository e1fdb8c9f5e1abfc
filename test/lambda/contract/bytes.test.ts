import { describe, expect, jest, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { decodeBase64, decodeBase64url, wipe } from '../../../lambda/contract/bytes';

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

  test('returns memory of its own, never a slice of the shared pool', () => {
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

  test('leaves no decoded byte of what it refuses', () => {
    const allocated = jest.spyOn(Buffer, 'allocUnsafeSlow');

    expect(decodeBase64url('c2VjcmV0IQ==')).toBeUndefined();

    const [memory] = allocated.mock.results.map(({ value }) => value as Buffer);
    allocated.mockRestore();
    expect(memory?.toString('latin1')).toMatch(/^\0+$/);
  });
});

describe('decodeBase64', () => {
  const unpadded = (text: string): string => text.replace(/=+$/, '');
  const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=');

  test('reads base64 and base64url, with padding and without', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (array) => {
        const bytes = Buffer.from(array);
        const [base64, base64url] = [bytes.toString('base64'), bytes.toString('base64url')];
        const spellings = [base64, unpadded(base64), base64url, padded(base64url)];
        expect(spellings.map(decodeBase64)).toEqual(spellings.map(() => bytes));
      }),
    );
  });

  test('reads nothing that does not re-encode to itself in its own alphabet', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('A', 'Q', 'g', 'w', 'z', '+', '/', '-', '_', '=', ' '), maxLength: 9 }),
        (text) => {
          const bytes = decodeBase64(text);
          const spelled = bytes && [bytes.toString('base64'), bytes.toString('base64url')];
          const spellings = spelled?.flatMap((each) => [each, unpadded(each), padded(each)]) ?? [text];
          expect(spellings).toContain(text);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test.each(['+-AA', 'A===', 'AA=', '====', 'AAAA====', 'AA==AA==', '=AAA', 'AA==\n', 'AB==', 'AAAAA'])(
    'refuses %j',
    (text) => {
      expect(decodeBase64(text)).toBeUndefined();
    },
  );
});
