import { afterEach, expect, jest, test } from '@jest/globals';
import crypto, { generateKeyPairSync } from 'node:crypto';
import { sealEnvelope } from '../../client/delivery';
import { sealInbound } from '../../client/inbound';
import { material } from '../support/run';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const BINDING = { env: 'dev', kind: 'delegated-share', walletId: 'w', userId: 'u', chain: 'EVM' } as const;
const seal = (): string => sealInbound('delegatedShare', material(457), BINDING, { kid: 'one', publicKey });

afterEach(() => {
  jest.restoreAllMocks();
});

/** Returns the content keys that are created from now on, and copies made at once. */
function watchKeys(): { readonly keys: Buffer[]; readonly copies: Buffer[] } {
  const original = crypto.randomFillSync;
  const [keys, copies]: Buffer[][] = [[], []];
  jest.spyOn(crypto, 'randomFillSync').mockImplementation(((bytes: Buffer) => {
    original(bytes);
    keys?.push(bytes);
    copies?.push(Buffer.from(bytes));
    return bytes;
  }) as typeof original);
  return { keys: keys ?? [], copies: copies ?? [] };
}

const SEALED: readonly (readonly [string, () => unknown])[] = [
  ['a transport', seal],
  ['an envelope', () => sealEnvelope(material(457), { publicKey })],
];

test.each(SEALED)('the content key of %s is wiped once the material is sealed', (_, act) => {
  const { keys, copies } = watchKeys();

  act();

  expect(copies.map((copy) => copy.equals(Buffer.alloc(32)))).toEqual([false]);
  expect(keys).toEqual([Buffer.alloc(32)]);
});

test.each(SEALED)('the content key of %s is wiped if the material can not be sealed', (_, act) => {
  const { keys, copies } = watchKeys();
  jest.spyOn(crypto, 'createCipheriv').mockImplementation(() => {
    throw new Error('no cipher');
  });

  expect(act).toThrow('no cipher');

  expect(copies.map((copy) => copy.equals(Buffer.alloc(32)))).toEqual([false]);
  expect(keys).toEqual([Buffer.alloc(32)]);
});
