import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readCompact } from '../../../lambda/transport/compact';
import { withPart } from './support/inbound-jwe';

const encoded = (bytes: number): string => randomBytes(bytes).toString('base64url');
const JWE = [600, 256, 12, 601, 16].map(encoded).join('.');
const PARTS = [
  ['header', 0],
  ['encrypted key', 1],
  ['iv', 2],
  ['ciphertext', 3],
  ['tag', 4],
] as const;

describe('readCompact', () => {
  test('decodes the five parts and keeps the header as it was sent', () => {
    const [header = '', encryptedKey = '', iv = '', ciphertext = '', tag = ''] = JWE.split('.');

    expect(readCompact(JWE)).toEqual({
      header: Buffer.from(header, 'base64url'),
      encryptedKey: Buffer.from(encryptedKey, 'base64url'),
      iv: Buffer.from(iv, 'base64url'),
      ciphertext: Buffer.from(ciphertext, 'base64url'),
      tag: Buffer.from(tag, 'base64url'),
      additional: Buffer.from(header),
    });
  });

  test.each([
    ['no part', ''],
    ['four parts', JWE.split('.').slice(1).join('.')],
    ['six parts', `${JWE}.`],
    ['a JWS of three parts', JWE.split('.').slice(2).join('.')],
    ['the JSON serialization', '{"protected":"e30"}'],
  ])('refuses %s', (_case, jwe) => {
    expect(() => readCompact(jwe)).toThrow(/^expected a compact JWE of 5 parts, got \d$/);
    expect(() => readCompact(jwe)).toThrowWithCode('TransportRejected');
  });

  const spellings = [
    ['with padding', (part: string) => `${part}=`],
    ['in the other alphabet', (part: string) => `+/${part.slice(2)}`],
    ['with white space', (part: string) => `${part}\n`],
    ['with a character beyond ASCII', (part: string) => `ä${part.slice(1)}`],
    ['of an impossible length', (part: string) => part + 'A'.repeat((((1 - part.length) % 4) + 4) % 4)],
  ] as const;
  test.each(PARTS.flatMap(([name, index]) => spellings.map(([how, change]) => [name, how, index, change] as const)))(
    'refuses a %s %s',
    (_name, _how, index, change) => {
      expect(() => readCompact(withPart(JWE, index, change))).toThrowWithCode('TransportRejected');
    },
  );

  test.each([
    ['header', 0, 601],
    ['encrypted key', 1, 256],
    ['ciphertext', 3, 601],
    ['tag', 4, 16],
  ])('refuses a %s whose spare bits are not zero', (name, index, bytes) => {
    const spare = Buffer.alloc(bytes).toString('base64url').slice(0, -1) + 'B';

    expect(() => readCompact(withPart(JWE, index, () => spare))).toThrow(
      `${name}: expected canonical base64url without padding`,
    );
  });

  test.each([
    ['header', 0, 1],
    ['header', 0, 4_097],
    ['encrypted key', 1, 0],
    ['encrypted key', 1, 128],
    ['encrypted key', 1, 255],
    ['encrypted key', 1, 257],
    ['encrypted key', 1, 640],
    ['iv', 2, 11],
    ['iv', 2, 13],
    ['iv', 2, 16],
    ['ciphertext', 3, 0],
    ['ciphertext', 3, 65_537],
    ['tag', 4, 0],
    ['tag', 4, 4],
    ['tag', 4, 15],
    ['tag', 4, 17],
  ])('refuses a %s (part %d) of %d bytes', (name, index, bytes) => {
    const action = () => readCompact(withPart(JWE, index, () => encoded(bytes)));

    expect(action).toThrowWithCode('TransportRejected');
    expect(action).toThrow(new RegExp(`^${name}: expected .*bytes`));
  });

  test.each([
    ['header', 0, 4_096],
    ['encrypted key', 1, 384],
    ['encrypted key', 1, 512],
    ['ciphertext', 3, 1],
    ['ciphertext', 3, 65_536],
  ])('accepts a %s (part %d) of %d bytes', (_name, index, bytes) => {
    const part = encoded(bytes);

    expect(Object.values(readCompact(withPart(JWE, index, () => part)))).toContainEqual(Buffer.from(part, 'base64url'));
  });

  test('accepts a JWE that has all parts at their longest', () => {
    const longest = [4_096, 512, 12, 65_536, 16].map(encoded).join('.');

    expect(readCompact(longest).ciphertext).toHaveLength(65_536);
  });

  test('refuses a longer one by its length, without decoding it', () => {
    expect(() => readCompact('.'.repeat(93_570))).toThrow('expected a JWE of at most 93569 characters, got more');
  });
});
