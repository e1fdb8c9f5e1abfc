import { describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { bindDataKey, releaseDataKey } from '../../../../lambda/keys/elsewhere/bound-data-key';

const CONTEXT = new Map([
  ['owner', 'me'],
  ['chain', 'EVM'],
]);
/** 2 pairs, each name and value after its length in 2 bytes, sorted by name */
const CANONICAL = Buffer.from('\0\x02\0\x05chain\0\x03EVM\0\x05owner\0\x02me', 'latin1');

describe('a data key bound to its context', () => {
  test('is the SHA-384 digest of the canonical context, and the data key', () => {
    const dataKey = randomBytes(32);

    const bound = bindDataKey(dataKey, CONTEXT);

    const digest = createHash('sha384').update(CANONICAL).digest();
    expect(bound).toEqual(Buffer.concat([digest, dataKey]));
    expect(bound).toHaveLength(80);
  });

  test('is released under the same context in any order, and wiped', () => {
    const dataKey = randomBytes(32);
    const bound = bindDataKey(dataKey, CONTEXT);

    const released = releaseDataKey(bound, new Map([...CONTEXT].reverse()));

    expect(released).toEqual(dataKey);
    expect(released.buffer.byteLength).toBe(32);
    expect(bound).toEqual(Buffer.alloc(80));
  });

  test('is not released under another context, and wiped', () => {
    const bound = bindDataKey(randomBytes(32), CONTEXT);

    expect(() => releaseDataKey(bound, new Map([...CONTEXT, ['extra', '']]))).toThrowWithCode('ContextMismatch');
    expect(bound).toEqual(Buffer.alloc(80));
  });

  test.each([0, 32, 47, 48, 79, 81])('is not released out of %i bytes', (length) => {
    const bound = Buffer.concat([bindDataKey(randomBytes(32), CONTEXT), Buffer.alloc(8)]).subarray(0, length);

    expect(() => releaseDataKey(bound, CONTEXT)).toThrowWithCode('ContextMismatch');
  });
});
