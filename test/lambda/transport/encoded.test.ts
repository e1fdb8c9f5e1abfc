import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { encodedChars, readAnyEncoded, readEncoded } from '../../../lambda/transport/encoded';

describe('encodedChars', () => {
  test.each([0, 1, 2, 3, 4, 31, 32, 33, 65_536])('counts the characters of %d bytes', (bytes) => {
    expect(encodedChars(bytes)).toBe(randomBytes(bytes).toString('base64url').length);
  });
});

describe.each([
  ['readEncoded', readEncoded],
  ['readAnyEncoded', readAnyEncoded],
])('%s', (_name, read) => {
  test('refuses by its length a text that it then need not decode', () => {
    const endless = '!'.repeat(1_000_000);

    expect(() => read(endless, 'tag', { min: 16, max: 16 })).toThrow('tag: expected at most 16 bytes, got more');
    expect(() => read(endless, 'tag', { min: 16, max: 16 })).toThrowWithCode('TransportRejected');
  });
});
