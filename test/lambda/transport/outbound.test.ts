import { afterEach, describe, expect, jest, test } from '@jest/globals';
import crypto, { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { compactDecrypt } from 'jose';
import { type OutboundBinding, agree, sealOutbound } from '../../../lambda/transport/outbound';
import { readRecipient } from '../../../lambda/transport/recipient';
import { material } from '../../support/run';
import { flipLastBit, withPart } from './support/inbound-jwe';
import { RUNS } from './support/runs';

const BINDING: OutboundBinding = {
  env: 'dev',
  record: 'b5fb2c7f-50b4-4e5f-95f5-7b7c4f8bd7a1',
  field: 'delegated_share',
  walletId: 'wallet "ä"',
  chain: 'EVM',
  req: 'AAAAAAAAAAAAAAAAAAAAAA',
};
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const x25519 = generateKeyPairSync('x25519');
const PAIRS = [
  ['P-256', p256],
  ['X25519', x25519],
] as const;

const recipientOf = (key: KeyObject) => readRecipient(key.export({ format: 'jwk' }));
const seal = (bytes: Uint8Array, pair = x25519) => sealOutbound(bytes, agree(recipientOf(pair.publicKey)), BINDING);
const openWithJose = async (jwe: string, pair = x25519) => {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, pair.privateKey);
  return { plaintext: Buffer.from(plaintext), protectedHeader };
};

describe('sealOutbound', () => {
  test.each(PAIRS.flatMap(([crv, pair]) => [1, 600, 65_536].map((length) => [crv, length, pair] as const)))(
    'encrypts to a key of %s %d bytes that jose decrypts',
    async (_crv, length, pair) => {
      const secret = material(length);

      expect((await openWithJose(seal(secret, pair), pair)).plaintext).toEqual(secret);
    },
  );

  test.each(PAIRS)('writes exactly the documented header for %s', async (crv, pair) => {
    const { protectedHeader } = await openWithJose(seal(material(24), pair), pair);

    const y = crv === 'P-256' ? { y: expect.stringMatching(/^[\w-]{43}$/) } : {};
    expect(protectedHeader).toEqual({
      alg: 'ECDH-ES',
      enc: 'A256GCM',
      epk: { kty: crv === 'P-256' ? 'EC' : 'OKP', crv, x: expect.stringMatching(/^[\w-]{43}$/), ...y },
      typ: 'share-vault-out',
      kid: recipientOf(pair.publicKey).thumbprint,
      ...BINDING,
    });
  });

  test('writes no further member', async () => {
    const binding = { ...BINDING, userId: 'zoe' };
    const jwe = sealOutbound(material(24), agree(recipientOf(x25519.publicKey)), binding);

    expect((await openWithJose(jwe)).protectedHeader).not.toHaveProperty('userId');
  });

  test('encrypts whatever bytes there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
        fc.constantFrom(p256, x25519),
        async (bytes, pair) => {
          expect((await openWithJose(seal(bytes, pair), pair)).plaintext).toEqual(Buffer.from(bytes));
        },
      ),
      { numRuns: RUNS },
    );
  }, 600_000);

  test.each(PAIRS)('never uses an ephemeral key of %s or an IV twice', async (_crv, pair) => {
    const secret = material(24);
    const [one, two] = [seal(secret, pair), seal(secret, pair)].map((jwe) => jwe.split('.'));

    const [first, second] = [one, two].map((parts) => Buffer.from(parts?.[0] ?? '', 'base64url').toString());
    expect(first).not.toBe(second);
    expect(one?.[2]).not.toBe(two?.[2]);
    expect(one?.[3]).not.toBe(two?.[3]);
  });

  test('leaves the material unchanged, wherever in memory it is', async () => {
    const memory = randomBytes(100);
    const copy = Buffer.from(memory);

    const jwe = seal(memory.subarray(10, 60));

    expect(memory).toEqual(copy);
    expect((await openWithJose(jwe)).plaintext).toEqual(copy.subarray(10, 60));
  });

  test.each([
    ['P-256', p256, generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['X25519', x25519, generateKeyPairSync('x25519')],
  ])('is of no use to another key of %s', async (_crv, pair, other) => {
    await expect(openWithJose(seal(material(24), pair), other)).rejects.toThrow('decryption operation failed');
  });

  test.each([
    ['iv', 2],
    ['ciphertext', 3],
    ['tag', 4],
  ])('writes a %s of which no bit can be changed', async (_part, index) => {
    await expect(openWithJose(withPart(seal(material(24)), index, flipLastBit))).rejects.toThrow(
      'decryption operation failed',
    );
  });

  test('binds its header', async () => {
    const changed = (part: string) =>
      Buffer.from(Buffer.from(part, 'base64url').toString().replace('"EVM"', '"SVM"')).toString('base64url');

    await expect(openWithJose(withPart(seal(material(24)), 0, changed))).rejects.toThrow('decryption operation failed');
  });

  test.each([0, 65_537])('refuses %d bytes', (length) => {
    expect(() => seal(Buffer.alloc(length))).toThrowWithCode('InternalError');
  });
});

describe('sealOutbound wipes', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('the shared secret, the derivation input and the content key', () => {
    const shared = jest.spyOn(crypto, 'diffieHellman');
    const hash = jest.spyOn(crypto, 'hash');
    const cipher = jest.spyOn(crypto, 'createCipheriv');
    const recipient = recipientOf(x25519.publicKey);

    sealOutbound(material(24), agree(recipient), BINDING);

    const held: readonly unknown[] = [
      shared.mock.results[0]?.value,
      hash.mock.calls[0]?.[1],
      hash.mock.results[0]?.value,
      cipher.mock.calls[0]?.[1],
    ];
    expect(held.map(isZero)).toEqual([true, true, true, true]);
  });

  test('the content key if the cipher fails', () => {
    const cipher = jest.spyOn(crypto, 'createCipheriv').mockImplementation(() => {
      throw new Error('out of memory');
    });

    expect(() => seal(material(24))).toThrow('out of memory');

    expect(isZero(cipher.mock.calls[0]?.[1])).toBe(true);
  });
});

function isZero(value: unknown): boolean {
  return value instanceof Uint8Array && value.length >= 32 && value.every((byte) => byte === 0);
}
