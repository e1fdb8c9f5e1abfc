import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  readRecoveryKey,
  recoveryKeyInfo,
  recoveryKeysDigest,
  requireDistinctRecoveryKeys,
} from '../../../lambda/contract/recovery';
import { rsaKeyPair } from '../../support/rsa-keys';

const SPKI = { format: 'der', type: 'spki' } as const;
const spki = rsaKeyPair(2048).publicKey.export(SPKI);
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('base64url');

/** A key that other tools may have made: the local KMS makes none so short. */
const shorter = () => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export(SPKI);

describe('a recovery key', () => {
  test.each([2048, 3072])('is read if it is a public RSA key of %i bits', (bits) => {
    const der = rsaKeyPair(bits).publicKey.export(SPKI);

    const key = readRecoveryKey('safe-2026', der);

    expect(key).toMatchObject({ name: 'safe-2026', fingerprint: sha256(der) });
    expect(key.publicKey.asymmetricKeyDetails?.modulusLength).toBe(bits);
  });

  test.each<[string, () => Buffer, string]>([
    [
      'private, in PKCS #8',
      () => rsaKeyPair(2048).privateKey.export({ format: 'der', type: 'pkcs8' }),
      'got something',
    ],
    [
      'private, in PKCS #1',
      () => rsaKeyPair(2048).privateKey.export({ format: 'der', type: 'pkcs1' }),
      'got something',
    ],
    ['public, in PKCS #1', () => rsaKeyPair(2048).publicKey.export({ format: 'der', type: 'pkcs1' }), 'got something'],
    ['a text in PEM', () => Buffer.from(rsaKeyPair(2048).publicKey.export({ format: 'pem', type: 'spki' })), 'got something'], // prettier-ignore
    ['empty', () => Buffer.alloc(0), 'got something'],
    ['followed by a byte', () => Buffer.concat([spki, Buffer.alloc(1)]), 'got '],
    ['of 1024 bits', shorter, 'got one of 1024 bits'],
    ['of an elliptic curve', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export(SPKI), 'got one of type ec'], // prettier-ignore
    ['of RSA-PSS only', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey.export(SPKI), 'got one of type rsa-pss'], // prettier-ignore
    ['with exponent 3', () => generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey.export(SPKI), 'got another exponent'], // prettier-ignore
  ])('is refused if it is %s', (_what, make, got) => {
    expect(() => readRecoveryKey('safe', make())).toThrow(got);
    expect(() => readRecoveryKey('safe', make())).toThrow(/^expected a public RSA key of 2048 to 4096 bits/);
  });

  test('of more than 4096 bits is refused', () => {
    // the modulus only has to be long: no one opens with this key
    const modulus = Buffer.alloc(513, 0xff).toString('base64url');
    const jwk = { kty: 'RSA', n: modulus, e: 'AQAB' };
    const der = createPublicKey({ key: jwk, format: 'jwk' }).export(SPKI);

    expect(() => readRecoveryKey('safe', der)).toThrow('got one of 4104 bits');
  });

  test.each(['', 'a b', 'a'.repeat(65), 'zürich', '__proto__', 'a\n'])('named %j is refused', (name) => {
    expect(() => readRecoveryKey(name, spki)).toThrow(/^expected 1 to 64 letters/);
  });

  test('is named in messages by its name and the SHA-256 of its public key', () => {
    expect(recoveryKeyInfo(readRecoveryKey('safe-2026', spki))).toBe(`safe-2026 SHA256:${sha256(spki)}`);
  });
});

describe('a list of recovery keys', () => {
  const one = { name: 'one', fingerprint: 'a'.repeat(43) };
  const two = { name: 'two', fingerprint: 'b'.repeat(43) };

  test('of different names and keys is accepted', () => {
    expect(() => requireDistinctRecoveryKeys([one, two])).not.toThrow();
  });

  test('with one name twice is refused', () => {
    expect(() => requireDistinctRecoveryKeys([one, { ...two, name: 'one' }])).toThrow('got one twice');
  });

  test('with one key twice is refused', () => {
    expect(() => requireDistinctRecoveryKeys([one, { ...one, name: 'two' }])).toThrow('got one twice');
  });

  test('has a digest of its sorted fingerprints, whatever their order', () => {
    const digest = sha256(`${one.fingerprint}\n${two.fingerprint}`);

    expect(recoveryKeysDigest([one.fingerprint, two.fingerprint])).toBe(digest);
    expect(recoveryKeysDigest([two.fingerprint, one.fingerprint])).toBe(digest);
    expect(recoveryKeysDigest([])).toBe(sha256(''));
  });
});
