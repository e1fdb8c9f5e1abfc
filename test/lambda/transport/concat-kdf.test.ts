import { describe, expect, test } from '@jest/globals';
import { createPrivateKey, createPublicKey, diffieHellman, randomBytes } from 'node:crypto';
import { concatKdf } from '../../../lambda/transport/concat-kdf';

describe('concatKdf', () => {
  test('derives the key of RFC 7518, appendix C', () => {
    // the keys that the appendix prints
    const alice = {
      kty: 'EC',
      crv: 'P-256',
      x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0',
      y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
      d: '0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo',
    };
    const bob = {
      kty: 'EC',
      crv: 'P-256',
      x: 'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ',
      y: 'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck',
    };
    const secret = diffieHellman({
      privateKey: createPrivateKey({ key: alice, format: 'jwk' }),
      publicKey: createPublicKey({ key: bob, format: 'jwk' }),
    });

    const use = { algorithm: 'A128GCM', keyBytes: 16, partyU: Buffer.from('Alice'), partyV: Buffer.from('Bob') };

    expect(concatKdf(secret, use).toString('base64url')).toBe('VqqN6vgjbSBcIijNcacQGg');
  });

  test('leaves the secret to its owner', () => {
    const secret = Buffer.alloc(32, 7);

    concatKdf(secret, { algorithm: 'A256GCM', keyBytes: 32 });

    expect(secret).toEqual(Buffer.alloc(32, 7));
  });

  test('gives a key memory of its own', () => {
    const key = concatKdf(randomBytes(32), { algorithm: 'A256GCM', keyBytes: 32 });

    expect(key.buffer.byteLength).toBe(32);
  });

  test('makes no key longer than one round', () => {
    const action = () => concatKdf(randomBytes(32), { algorithm: 'A256CBC-HS512', keyBytes: 64 });

    expect(action).toThrow('expected at most 32 bytes, got 64');
  });
});
