import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { Writer } from './support/fake-functions';
import { sealInput, unsealInput } from './support/inputs';
import { type Header, toRecipient, underAlgorithm, unencrypted, withEpk } from './support/jwe';
import { client, useFakeVault, vault } from './support/use-fake-vault';

/** Every decrypted plaintext. The client must wipe it. */
const opened: Uint8Array[] = [];
const decrypt = crypto.subtle.decrypt.bind(crypto.subtle);
jest.spyOn(crypto.subtle, 'decrypt').mockImplementation(async (...args) => {
  const plaintext = await decrypt(...args);
  opened.push(new Uint8Array(plaintext));
  return plaintext;
});

useFakeVault();

const input = sealInput();

beforeAll(async () => {
  await client.seal(input);
});
beforeEach(() => {
  opened.length = 0;
});
afterEach(() => {
  vault.functions.write = toRecipient;
});

const unsealed = () => client.unseal(unsealInput(input));
const says =
  (change: Header): Writer =>
  (material, header, recipient) =>
    toRecipient(material, { ...header, ...change }, recipient);
const without =
  (member: string): Writer =>
  (material, header, recipient) =>
    toRecipient(material, { ...header, [member]: undefined }, recipient);

describe('unseal refuses, at once and without opening anything, a material', () => {
  test.each<[string, Writer]>([
    ['of another question', says({ req: randomBytes(16).toString('base64url') })],
    ['of another wallet', says({ walletId: randomUUID() })],
    ['of another chain', says({ chain: 'SOL' })],
    ['of another environment', says({ env: 'prod' })],
    ['of another record', says({ record: randomUUID() })],
    ['that is another field', says({ field: 'server_key_shares' })],
    ['to another key', says({ kid: randomBytes(32).toString('base64url') })],
    ['of the inbound type', says({ typ: 'share-vault-in' })],
    ['without a type', without('typ')],
    ['without its question', without('req')],
    ['without a wallet', without('walletId')],
    ['without a key id', without('kid')],
    ['without an environment', without('env')],
    ['with a further header member', says({ note: 'more' })],
    ['with a member of any object', says({ toString: 'more' })],
    ['with party information', says({ apu: 'YQ' })],
    ['whose wallet is a list of one', says({ walletId: [input.walletId] })],
    ['under a wrapped key', says({ alg: 'ECDH-ES+A256KW' })],
    ['under another cipher', says({ enc: 'A128GCM' })],
    ['under a shared key', (material, header) => underAlgorithm('dir', material, header, randomBytes(32))],
    [
      'under an RSA key',
      (material, header) => underAlgorithm('RSA-OAEP', material, header, generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey), // prettier-ignore
    ],
    ['that is not encrypted', (material, header) => unencrypted(material, header)],
    ['that is no JWE', () => 'hello'],
    ['that is empty', () => ''],
    [
      'whose one-time key says more',
      (m, header, recipient) => withEpk(m, header, recipient, (epk) => ({ ...epk, kid: 'a' })),
    ],
    [
      'whose one-time key shows a private half',
      (m, header, recipient) => withEpk(m, header, recipient, (epk) => ({ ...epk, d: 'AA' })),
    ],
    [
      'whose one-time key is of another curve',
      (m, header, recipient) => withEpk(m, header, recipient, (epk) => ({ ...epk, crv: 'P-384' })),
    ],
    ['whose one-time key is a list', (m, header, recipient) => withEpk(m, header, recipient, () => [])],
    ['whose one-time key is null', (m, header, recipient) => withEpk(m, header, recipient, () => null)],
    ['whose one-time key is a text', (m, header, recipient) => withEpk(m, header, recipient, () => 'key')],
  ])('%s', async (_what, write) => {
    vault.functions.write = write;

    await expect(unsealed()).rejects.toThrowWithCode('ResponseRejected');
    expect(opened).toHaveLength(0);
    expect(vault.calls).toHaveLength(1);
  });
});

describe('unseal refuses a material', () => {
  test('whose ciphertext was changed', async () => {
    vault.functions.write = async (...args) => {
      const parts = (await toRecipient(...args)).split('.');
      return parts.with(3, `${parts[3]?.startsWith('A') === true ? 'B' : 'A'}${parts[3]?.slice(1) ?? ''}`).join('.');
    };

    await expect(unsealed()).rejects.toThrowWithCode('ResponseRejected');
  });

  test('whose tag was cut to four bytes', async () => {
    vault.functions.write = async (...args) => {
      const parts = (await toRecipient(...args)).split('.');
      return parts
        .with(
          4,
          Buffer.from(parts[4] ?? '', 'base64url')
            .subarray(0, 4)
            .toString('base64url'),
        )
        .join('.');
    };

    await expect(unsealed()).rejects.toThrowWithCode('ResponseRejected');
  });

  test.each([0, 65_537])('of %d bytes, and wipes it', async (length) => {
    vault.functions.write = (_material, header, recipient) => toRecipient(Buffer.alloc(length, 7), header, recipient);

    await expect(unsealed()).rejects.toThrowWithCode('ResponseRejected');
    expect(opened).toHaveLength(1);
    expect(opened[0]?.every((byte) => byte === 0)).toBe(true);
  });

  test('after a good one, and wipes that one', async () => {
    vault.functions.write = (material, header, recipient) =>
      toRecipient(material, header.field === 'wallet_api_key' ? { ...header, chain: 'SOL' } : header, recipient);

    await expect(unsealed()).rejects.toThrowWithCode('ResponseRejected');
    expect(opened).toHaveLength(1);
    expect(opened[0]?.every((byte) => byte === 0)).toBe(true);
  });
});

interface Honest {
  readonly materials: Readonly<Record<string, string>>;
}

describe('unseal refuses a response', () => {
  test.each<[string, (honest: Honest) => unknown]>([
    ['with swapped materials', (a) => ({ ...a, materials: { delegatedShare: a.materials.walletApiKey, walletApiKey: a.materials.delegatedShare } })], // prettier-ignore
    ['with a material missing', (a) => ({ ...a, materials: { delegatedShare: a.materials.delegatedShare } })],
    ['with one material too many', (a) => ({ ...a, materials: { ...a.materials, serverKeyShares: a.materials.walletApiKey } })], // prettier-ignore
    ['with another material in the place of one', (a) => ({ ...a, materials: { delegatedShare: a.materials.delegatedShare, serverKeyShares: a.materials.walletApiKey } })], // prettier-ignore
    ['with a material that is no text', (a) => ({ ...a, materials: { ...a.materials, walletApiKey: 1 } })],
    ['without materials', (a) => ({ ...a, materials: undefined })],
    ['of another kind', (a) => ({ ...a, kind: 'server-key-shares' })],
    ['of another record', (a) => ({ ...a, recordId: randomUUID() })],
    ['without a record', (a) => ({ ...a, recordId: undefined })],
    ['whose record is no UUID', (a) => ({ ...a, recordId: 'record' })],
    ['whose count is no number', (a) => ({ ...a, accessCount: '1' })],
    ['whose count is negative', (a) => ({ ...a, accessCount: -1 })],
    ['that is null', () => 'null'],
    ['that is a list', () => []],
    ['that is text', () => '"hello"'],
    ['that is not JSON', () => 'hello'],
    ['that is not UTF-8', (a) => Buffer.from(JSON.stringify({ ...a, note: '\u00ff' }), 'latin1')],
    ['that is cut short', (a) => JSON.stringify(a).slice(0, -1)],
    ['that is empty', () => ''],
  ])('%s, and names the call', async (_what, response) => {
    vault.troubles.push({ response: (honest) => response(honest as unknown as Honest) });

    const refused = unsealed();

    await expect(refused).rejects.toThrowWithCode('ResponseRejected');
    await expect(refused).rejects.toMatchObject({
      retryable: false,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(vault.calls).toHaveLength(1);
    expect(opened.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });
});

test('an honest response opens, so that each refusal above is caused by its change', async () => {
  vault.functions.write = (material, header, recipient) => withEpk(material, header, recipient, ({ ...epk }) => epk);

  using record = await unsealed();

  expect(Buffer.from(record.delegatedShare).equals(input.materials.delegatedShare)).toBe(true);
});
