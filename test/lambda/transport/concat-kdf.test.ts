import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { concatKdf } from '../../../lambda/transport/concat-kdf';

describe('concatKdf', () => {
  test('derives the key of RFC 7518, appendix C', () => {
    // Z of the appendix, the secret that Alice and Bob share
    const secret = Buffer.from('9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4', 'hex');
    const use = { algorithm: 'A128GCM', keyBytes: 16, partyU: Buffer.from('Alice'), partyV: Buffer.from('Bob') };

    expect(concatKdf(secret, use).toString('base64url')).toBe('VqqN6vgjbSBcIijNcacQGg');
  });

  test('leaves the secret unchanged', () => {
    const secret = Buffer.alloc(32, 7);

    concatKdf(secret, { algorithm: 'A256GCM', keyBytes: 32 });

    expect(secret).toEqual(Buffer.alloc(32, 7));
  });

  test('returns a key in memory of its own', () => {
    const key = concatKdf(randomBytes(32), { algorithm: 'A256GCM', keyBytes: 32 });

    expect(key.buffer.byteLength).toBe(32);
  });

  test('makes no key longer than one round', () => {
    const action = () => concatKdf(randomBytes(32), { algorithm: 'A256CBC-HS512', keyBytes: 64 });

    expect(action).toThrow('expected at most 32 bytes, got 64');
  });
});
