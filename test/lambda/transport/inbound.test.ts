import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import { VaultError } from '../../../lambda/contract/errors';
import type { RsaKey } from '../../../lambda/keys/provider';
import { readInbound } from '../../../lambda/transport/inbound';
import { rsaKeyPair } from '../../support/rsa-keys';
import { material } from '../../support/run';
import { BINDING, flipLastBit, HEADER, KID, NOW_MS, withPart, writeInbound } from './support/inbound-jwe';
import { failingKey, LocalRsaKey } from './support/rsa-key';
import { RUNS } from './support/runs';
import { visible } from './support/visible';

const key = new LocalRsaKey();
const otherKey = new LocalRsaKey();
const { signal } = new AbortController();

async function open(jwe: string, rsaKey: RsaKey = key) {
  const inbound = readInbound(jwe, BINDING, new Map([[KID, rsaKey]]), NOW_MS);
  return { material: await inbound.open(signal), transportId: inbound.transportId };
}

const headerBytes = (changes: object): Buffer => Buffer.from(JSON.stringify({ ...HEADER, ...changes }));

const failureOf = (jwe: string): Promise<unknown> => open(jwe).catch((error: unknown) => error);

describe('an inbound transport', () => {
  test.each([1, 2, 600, 65_535, 65_536])('opens a material of %d bytes', async (length) => {
    const secret = material(length);

    expect(await open(writeInbound(key, secret))).toEqual({ material: secret, transportId: HEADER.jti });
  });

  test.each([2048, 3072, 4096])('opens under an RSA key of %d bits', async (bits) => {
    const rsaKey = new LocalRsaKey(rsaKeyPair(bits));
    const secret = material(600);

    expect((await open(writeInbound(rsaKey, secret), rsaKey)).material).toEqual(secret);
  });

  test.each([1, 600, 65_536])('opens what jose encrypts, %d bytes', async (length) => {
    const secret = material(length);
    const jwe = await new CompactEncrypt(secret).setProtectedHeader({ ...HEADER }).encrypt(key.publicKey);

    expect((await open(jwe)).material).toEqual(secret);
  });

  test('opens whatever bytes were encrypted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), async (bytes) => {
        expect((await open(writeInbound(key, bytes))).material).toEqual(Buffer.from(bytes));
      }),
      { numRuns: RUNS },
    );
  }, 600_000);

  test('accepts the members in any order and spelling', async () => {
    const secret = material(24);
    const spelled = ` { ${JSON.stringify(Object.fromEntries(Object.entries(HEADER).reverse())).slice(1, -1)}\n}`;
    const header = Buffer.from(spelled.replace('ë', '\\u00eb').replace('"chain":', '"\\u0063hain" : '));

    expect((await open(writeInbound(key, secret, { header }))).material).toEqual(secret);
  });

  test('returns a material in memory of its own', async () => {
    const opened = await open(writeInbound(key, material(40)));

    expect(opened.material.buffer.byteLength).toBe(40);
  });

  test('chooses the key that the header names', async () => {
    const secret = material(24);
    const keys = new Map([
      ['intake-0', otherKey],
      [KID, key],
    ]);

    const inbound = readInbound(writeInbound(key, secret), BINDING, keys, NOW_MS);

    expect(await inbound.open(signal)).toEqual(secret);
  });

  test('passes the signal to the key', async () => {
    await open(writeInbound(key, material(24)));

    expect(key.signal).toBe(signal);
  });

  test('refuses a material to another key', async () => {
    await expect(open(writeInbound(otherKey, material(24)))).rejects.toThrowWithCode('TransportRejected');
  });

  test.each([
    ['encrypted key', 1],
    ['iv', 2],
    ['ciphertext', 3],
    ['tag', 4],
  ])('refuses a changed %s', async (_part, index) => {
    const jwe = withPart(writeInbound(key, material(600)), index, flipLastBit);

    await expect(open(jwe)).rejects.toThrowWithCode('TransportRejected');
  });

  test('refuses a header that means the same and is spelled otherwise', async () => {
    const header = Buffer.from(JSON.stringify(HEADER).replace('{', '{ ')).toString('base64url');
    const jwe = withPart(writeInbound(key, material(24)), 0, () => header);

    await expect(open(jwe)).rejects.toThrowWithCode('TransportRejected');
  });

  test.each([
    ['of another algorithm', { alg: 'RSA-OAEP' }],
    ['that claims no algorithm', { alg: 'none' }],
    ['that is compressed', { zip: 'DEF' }],
    ['of another wallet', { walletId: 'another' }],
    ['that has expired', { iat: NOW_MS / 1_000 - 601 }],
  ])('refuses a sound JWE %s without asking the key', async (_case, changes) => {
    const jwe = writeInbound(key, material(24), { header: headerBytes(changes) });
    const calls = key.calls;

    await expect(open(jwe)).rejects.toThrowWithCode('TransportRejected');
    expect(key.calls).toBe(calls);
  });

  test.each([16, 24, 31, 33, 64])('refuses a content key of %d bytes', async (length) => {
    const jwe = writeInbound(key, material(24), { wrapped: randomBytes(length) });

    await expect(open(jwe)).rejects.toThrowWithCode('TransportRejected');
  });

  test('refuses a content key of which the first 32 bytes are right', async () => {
    const contentKey = randomBytes(32);
    const wrapped = Buffer.concat([contentKey, Buffer.alloc(1)]);

    await expect(open(writeInbound(key, material(24), { contentKey, wrapped }))).rejects.toThrowWithCode(
      'TransportRejected',
    );
  });

  test('tells failures under the key apart by nothing', async () => {
    const secret = material(24);
    const failures = await Promise.all([
      failureOf(writeInbound(otherKey, secret)),
      failureOf(withPart(writeInbound(key, secret), 1, flipLastBit)),
      failureOf(writeInbound(key, secret, { wrapped: randomBytes(16) })),
      failureOf(writeInbound(key, secret, { wrapped: randomBytes(33) })),
      failureOf(writeInbound(key, secret, { wrapped: randomBytes(32) })),
      failureOf(withPart(writeInbound(key, secret), 4, flipLastBit)),
    ]);

    expect(failures.map(visible)).toEqual(failures.map(() => visible(failures[0])));
    expect(visible(failures[0])).toEqual({
      name: 'TransportRejected',
      message: 'expected a ciphertext that opens under the key, got another',
      own: ['message', 'name', 'stack'],
    });
  });

  test.each(['KeyThrottled', 'KeyTimeout', 'KeyUnreachable', 'KeyUnavailable'] as const)(
    'throws the error of an unavailable key: %s',
    async (code) => {
      const error = new VaultError(code, 'expected a response, got none');

      await expect(open(writeInbound(key, material(24)), failingKey(error))).rejects.toBe(error);
    },
  );
});

describe('an inbound transport wipes', () => {
  test.each([
    ['it opens', writeInbound(key, material(24))],
    ['the tag does not fit', withPart(writeInbound(key, material(24)), 4, flipLastBit)],
    ['it has another length', writeInbound(key, material(24), { wrapped: Buffer.alloc(33, 7) })],
  ])('the content key if %s', async (_case, jwe) => {
    key.handedOut.length = 0;

    await open(jwe).catch(() => undefined);

    expect(key.handedOut.map((bytes) => bytes.some((byte) => byte !== 0))).toEqual([false]);
  });
});
