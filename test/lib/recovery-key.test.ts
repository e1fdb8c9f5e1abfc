import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { RecoveryKey } from '../../lib/recovery-key';
import { publicPem } from '../support/external-keys';
import { rsaKeyPair } from '../support/rsa-keys';

const { publicKey, privateKey } = rsaKeyPair(2_048);
const SPKI = publicKey.export({ format: 'der', type: 'spki' });
const ENCRYPTED = { cipher: 'aes-256-cbc', passphrase: 'passphrase of a test' };

const offline =
  (text: unknown, name: unknown = 'safe-2026') =>
  () =>
    RecoveryKey.offline({ name: name as string, publicKey: text as string });

/** Returns a text without the line of base64 that a private key's owner must not find in any output. */
function messageOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
}

describe('a recovery key', () => {
  test.each([
    ['PEM', publicPem(2_048)],
    ['PEM with Windows line ends', publicPem(2_048).replaceAll('\n', '\r\n')],
    ['DER in base64', SPKI.toString('base64')],
  ])('is read from %s', (_form, text) => {
    expect(offline(text)()).toMatchObject({ name: 'safe-2026', publicKey: SPKI.toString('base64') });
  });

  test('has the SHA-256 of its SubjectPublicKeyInfo as fingerprint', () => {
    const fingerprint = createHash('sha256').update(SPKI).digest('base64url');

    expect(offline(publicPem(2_048))().fingerprint).toBe(fingerprint);
  });

  test.each([3_072, 4_096])('of %d bits is accepted', (bits) => {
    expect(offline(publicPem(bits))).not.toThrow();
  });

  test.each<[string, string | Buffer]>([
    ['PKCS #8 in PEM', privateKey.export({ format: 'pem', type: 'pkcs8' })],
    ['PKCS #1 in PEM', privateKey.export({ format: 'pem', type: 'pkcs1' })],
    ['encrypted PEM', privateKey.export({ format: 'pem', type: 'pkcs8', ...ENCRYPTED })],
    ['PKCS #8 in base64', privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')],
    ['PKCS #1 in base64', privateKey.export({ format: 'der', type: 'pkcs1' }).toString('base64')],
    ['encrypted base64', privateKey.export({ format: 'der', type: 'pkcs8', ...ENCRYPTED }).toString('base64')],
    [
      'a public key’s armour',
      `-----BEGIN PUBLIC KEY-----\n${privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')}\n-----END PUBLIC KEY-----\n`,
    ],
    ['both in one file', `${publicPem(2_048)}${String(privateKey.export({ format: 'pem', type: 'pkcs8' }))}`],
  ])('that is private is refused and never quoted: %s', (_form, text) => {
    const message = messageOf(offline(String(text)));

    expect(message).toMatch(
      /^publicKey: expected a public RSA key .+, got a private key, which must never be given here/,
    );
    expect(message).not.toMatch(/[A-Za-z0-9+/]{40}/);
  });

  test.each([
    ['of 1,024 bits', generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey, 'got one of 1024 bits'],
    [
      'with the exponent 3',
      generateKeyPairSync('rsa', { modulusLength: 2_048, publicExponent: 3 }).publicKey,
      'got another exponent',
    ],
    ['for RSA-PSS only', generateKeyPairSync('rsa-pss', { modulusLength: 2_048 }).publicKey, 'got one of type rsa-pss'],
    ['on an elliptic curve', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey, 'got one of type ec'],
  ])('%s is refused', (_what, key, got) => {
    expect(offline(key.export({ format: 'pem', type: 'spki' }))).toThrow(got);
  });

  test.each([
    ['PKCS #1 in PEM', publicKey.export({ format: 'pem', type: 'pkcs1' })],
    ['a byte too many', Buffer.concat([SPKI, Buffer.of(0)]).toString('base64')],
    ['base64url', SPKI.toString('base64url')],
    ['text around it', `key:\n${publicPem(2_048)}`],
    ['two keys', publicPem(2_048) + publicPem(3_072)],
    ['far too much', 'A'.repeat(1_000_000)],
  ])('in another form is refused: %s', (_form, text) => {
    expect(offline(String(text))).toThrow(/^publicKey: expected a public RSA key .+, got /);
  });
});
