import { describe, expect, test } from '@jest/globals';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { readRecipient } from '../../../lambda/transport/recipient';

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const x25519 = generateKeyPairSync('x25519');
const publicJwk = (pair: typeof p256) => pair.publicKey.export({ format: 'jwk' });
const P256 = publicJwk(p256);
const X25519 = publicJwk(x25519);
const encode = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');

describe('readRecipient', () => {
  test.each([
    ['P-256', P256],
    ['X25519', X25519],
  ])('reads a key of %s', (crv, jwk) => {
    const recipient = readRecipient(jwk);

    expect(recipient.crv).toBe(crv);
    expect(recipient.publicKey.equals(createPublicKey({ key: jwk, format: 'jwk' }))).toBe(true);
  });

  test.each([P256, X25519])('computes the thumbprint that jose computes', async (jwk) => {
    expect(readRecipient(jwk).thumbprint).toBe(await calculateJwkThumbprint(jwk));
  });

  test('reads the X25519 key of RFC 8037, appendix A.6', () => {
    const jwk = { kty: 'OKP', crv: 'X25519', x: '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08' };

    expect(readRecipient(jwk).publicKey.export({ format: 'jwk' })).toEqual(jwk);
  });

  test.each([P256, X25519])('accepts the thumbprint as kid', (jwk) => {
    const { thumbprint } = readRecipient(jwk);

    expect(readRecipient({ ...jwk, kid: thumbprint }).thumbprint).toBe(thumbprint);
  });

  test.each(['another', '', null, 7])('refuses the kid %j', (kid) => {
    expect(() => readRecipient({ ...P256, kid })).toThrowWithCode('InvalidRequest');
  });

  test.each([
    ['P-256', p256],
    ['X25519', x25519],
  ])('refuses a private key of %s and repeats nothing of it', (_crv, pair) => {
    const jwk = pair.privateKey.export({ format: 'jwk' });

    expect(() => readRecipient(jwk)).toThrowWithCode('InvalidRequest');
    expect(() => readRecipient(jwk)).toThrow(/^recipient: expected no other member, got one$/);
  });

  test.each([
    ['secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['Ed25519', generateKeyPairSync('ed25519')],
    ['X448', generateKeyPairSync('x448')],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ])('refuses a key of %s', (_crv, pair) => {
    expect(() => readRecipient(publicJwk(pair))).toThrowWithCode('InvalidRequest');
  });

  test.each([null, undefined, 'text', 7, true, [], [P256], {}])('refuses %j', (jwk) => {
    expect(() => readRecipient(jwk)).toThrowWithCode('InvalidRequest');
  });

  test.each(['use', 'key_ops', 'alg', 'ext', 'x5c', 'd', 'k'])('refuses the further member %s', (name) => {
    expect(() => readRecipient({ ...P256, [name]: 'enc' })).toThrowWithCode('InvalidRequest');
    expect(() => readRecipient({ ...X25519, [name]: 'enc' })).toThrowWithCode('InvalidRequest');
  });

  test('refuses a further member that is called __proto__', () => {
    const jwk: unknown = JSON.parse(`{"__proto__":{},${JSON.stringify(P256).slice(1)}`);

    expect(() => readRecipient(jwk)).toThrowWithCode('InvalidRequest');
  });

  test('refuses members that are only inherited', () => {
    expect(() => readRecipient(Object.create(P256))).toThrowWithCode('InvalidRequest');
  });

  test('refuses a y with X25519', () => {
    expect(() => readRecipient({ ...X25519, y: P256.y })).toThrowWithCode('InvalidRequest');
  });

  test.each([
    ['without x', { ...P256, x: undefined }],
    ['without y', { ...P256, y: undefined }],
    ['without kty', { kty: undefined, crv: P256.crv, x: P256.x, y: P256.y }],
    ['with the kty of the other curve', { ...P256, kty: 'OKP' }],
    ['of X25519 with the kty of the other curve', { ...X25519, kty: 'EC' }],
    ['with a curve that is an object', { ...P256, crv: {} }],
    ['with a number as x', { ...P256, x: 7 }],
    ['with an array as x', { ...P256, x: [P256.x] }],
  ])('refuses a key %s', (_case, jwk) => {
    expect(() => readRecipient(jwk)).toThrowWithCode('InvalidRequest');
  });

  const last = (text: string) => text.slice(-1);
  const nextCharacter = (text: string) => String.fromCharCode(text.charCodeAt(0) + 1);
  const spellings = [
    ['of 31 bytes', () => encode('01'.repeat(31))],
    ['of 33 bytes, a zero in front', (text: string) => encode('00' + Buffer.from(text, 'base64url').toString('hex'))],
    ['of 33 bytes, a zero behind', (text: string) => encode(Buffer.from(text, 'base64url').toString('hex') + '00')],
    ['that is empty', () => ''],
    ['with padding', (text: string) => `${text}=`],
    ['with a line feed behind it', (text: string) => `${text}\n`],
    ['with trailing junk', (text: string) => `${text}!!!!`],
    ['with spare bits that are not zero', (text: string) => text.slice(0, -1) + nextCharacter(last(text))],
    ['in the other alphabet', (text: string) => `+/${text.slice(2)}`],
  ] as const;
  test.each(spellings)('refuses a coordinate %s', (_case, change) => {
    expect(() => readRecipient({ ...P256, x: change(P256.x ?? '') })).toThrow('canonical base64url as x');
    expect(() => readRecipient({ ...P256, y: change(P256.y ?? '') })).toThrow('canonical base64url as y');
    expect(() => readRecipient({ ...X25519, x: change(X25519.x ?? '') })).toThrow('canonical base64url as x');
  });

  test.each([
    ['that is not on the curve', { ...P256, x: P256.y, y: P256.x }],
    ['at zero', { ...P256, x: encode('00'.repeat(32)), y: encode('00'.repeat(32)) }],
    ['beyond the field', { ...P256, x: encode('ff'.repeat(32)), y: encode('ff'.repeat(32)) }],
  ])('refuses a point of P-256 %s', (_case, jwk) => {
    expect(() => readRecipient(jwk)).toThrow('recipient: expected a point on the curve, got another');
    expect(() => readRecipient(jwk)).toThrowWithCode('InvalidRequest');
  });

  // RFC 7748, section 6.1, and the list that it points to
  test.each([
    ['00'.repeat(32)],
    ['01' + '00'.repeat(31)],
    ['e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
    ['ec' + 'ff'.repeat(30) + '7f'],
  ])('refuses the point of small order %s', (hex) => {
    const jwk = { kty: 'OKP', crv: 'X25519', x: encode(hex) };

    expect(() => readRecipient(jwk)).toThrow('recipient: expected a point of large order, got another');
    expect(() => readRecipient(jwk)).toThrowWithCode('InvalidRequest');
  });

  test.each([
    ['the field itself', 'ed' + 'ff'.repeat(30) + '7f'],
    ['the base point beyond the field', 'f6' + 'ff'.repeat(30) + '7f'],
    ['the base point with the bit set that nobody reads', '09' + '00'.repeat(30) + '80'],
  ])('refuses a second spelling of a coordinate: %s', (_case, hex) => {
    const jwk = { kty: 'OKP', crv: 'X25519', x: encode(hex) };

    expect(() => readRecipient(jwk)).toThrow('recipient: expected the one spelling of a coordinate as x, got another');
    expect(() => readRecipient(jwk)).toThrowWithCode('InvalidRequest');
  });
});
