import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, ReEncryptCommand } from '@aws-sdk/client-kms';
import { KmsFixture, flipped } from './support';

const CONTEXT = { environment: 'dev', field: 'delegated_share', owner: 'zürich' };
const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'no error');
const PLAINTEXT = Buffer.from('twelve bytes');

describe('symmetric keys of the local KMS', () => {
  const fixture = new KmsFixture();
  let key = '';
  let other = '';
  let ciphertext: Uint8Array = new Uint8Array();

  beforeAll(async () => {
    await fixture.start();
    key = await fixture.createKey();
    other = await fixture.createKey();
    ciphertext = await encrypt(PLAINTEXT);
  });
  afterAll(() => fixture.remove());

  const encrypt = async (Plaintext: Uint8Array) => {
    const response = await fixture.client.send(
      new EncryptCommand({ KeyId: key, Plaintext, EncryptionContext: CONTEXT }),
    );
    return response.CiphertextBlob ?? new Uint8Array();
  };
  const decrypt = (CiphertextBlob: Uint8Array, EncryptionContext?: Record<string, string>, KeyId?: string) =>
    fixture.client.send(
      new DecryptCommand({ CiphertextBlob, ...(EncryptionContext && { EncryptionContext }), ...(KeyId && { KeyId }) }),
    );

  test('opens what it encrypted, with and without the key named', async () => {
    const unnamed = await decrypt(ciphertext, CONTEXT);
    const named = await decrypt(ciphertext, CONTEXT, key);

    expect(Buffer.from(unnamed.Plaintext ?? [])).toEqual(PLAINTEXT);
    expect(Buffer.from(named.Plaintext ?? [])).toEqual(PLAINTEXT);
    expect(named).toMatchObject({ KeyId: key, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
  });

  test('never encrypts the same way twice', async () => {
    const again = await encrypt(PLAINTEXT);

    expect(Buffer.from(again)).not.toEqual(Buffer.from(ciphertext));
  });

  test('accepts the context in any order', async () => {
    const { owner, field, environment } = CONTEXT;

    const { Plaintext } = await decrypt(ciphertext, { owner, field, environment });

    expect(Buffer.from(Plaintext ?? [])).toEqual(PLAINTEXT);
  });

  test.each<[string, Record<string, string> | undefined]>([
    ['none', undefined],
    ['a changed value', { ...CONTEXT, field: 'wallet_api_key' }],
    ['a value in another case', { ...CONTEXT, field: 'Delegated_share' }],
    ['a missing pair', { environment: CONTEXT.environment, field: CONTEXT.field }],
    ['an extra pair', { ...CONTEXT, extra: '' }],
    ['a boundary that moved', { ...CONTEXT, environmen: 'tdev' }],
  ])('refuses to decrypt under another context: %s', async (_what, context) => {
    await expect(decrypt(ciphertext, context)).rejects.toThrowWithCode('InvalidCiphertextException');
  });

  test('refuses a ciphertext with any one byte changed', async () => {
    const outcomes = await Promise.all(
      Array.from(ciphertext, (_byte, at) =>
        decrypt(flipped(ciphertext, at), CONTEXT, key).then(() => 'opened', nameOf),
      ),
    );

    expect([...new Set(outcomes)]).toEqual(['InvalidCiphertextException']);
  });

  test.each([1, 18, 46, 47])('refuses a ciphertext cut off after %i bytes', async (length) => {
    await expect(decrypt(ciphertext.subarray(0, length), CONTEXT)).rejects.toThrowWithCode(
      'InvalidCiphertextException',
    );
  });

  test('refuses the ciphertext of another key', async () => {
    await expect(decrypt(ciphertext, CONTEXT, other)).rejects.toThrowWithCode('IncorrectKeyException');
  });

  test('makes data keys that decrypt to the returned plaintext', async () => {
    const made = await fixture.client.send(
      new GenerateDataKeyCommand({ KeyId: key, KeySpec: 'AES_256', EncryptionContext: CONTEXT }),
    );
    const opened = await decrypt(made.CiphertextBlob ?? new Uint8Array(), CONTEXT);

    expect(made.KeyId).toBe(key);
    expect(made.Plaintext).toHaveLength(32);
    expect(opened.Plaintext).toEqual(made.Plaintext);
  });

  test.each([
    ['AES_128', { KeySpec: 'AES_128' as const }, 16],
    ['a number of bytes', { NumberOfBytes: 77 }, 77],
  ])('makes data keys by %s', async (_what, size, length) => {
    const made = await fixture.client.send(new GenerateDataKeyCommand({ KeyId: key, ...size }));

    expect(made.Plaintext).toHaveLength(length);
  });

  test.each([
    ['neither size', {}],
    ['both sizes', { KeySpec: 'AES_256' as const, NumberOfBytes: 32 }],
    ['1,025 bytes', { NumberOfBytes: 1_025 }],
  ])('refuses a data key of %s', async (_what, size) => {
    const asked = fixture.client.send(new GenerateDataKeyCommand({ KeyId: key, ...size }));

    await expect(asked).rejects.toThrowWithCode('ValidationException');
  });

  test('encrypts 1 to 4,096 bytes and no more', async () => {
    const longest = await decrypt(await encrypt(Buffer.alloc(4_096, 7)), CONTEXT);

    expect(longest.Plaintext).toHaveLength(4_096);
    await expect(encrypt(Buffer.alloc(4_097))).rejects.toThrowWithCode('ValidationException');
    await expect(encrypt(Buffer.alloc(0))).rejects.toThrowWithCode('ValidationException');
  });

  test('refuses an encryption context of more than 8,192 characters', async () => {
    const EncryptionContext = { long: 'x'.repeat(8_192) };

    const asked = fixture.client.send(new EncryptCommand({ KeyId: key, Plaintext: PLAINTEXT, EncryptionContext }));

    await expect(asked).rejects.toThrowWithCode('ValidationException');
  });

  test('re-encrypts under another key and context', async () => {
    const moved = await fixture.client.send(
      new ReEncryptCommand({
        CiphertextBlob: ciphertext,
        SourceEncryptionContext: CONTEXT,
        DestinationKeyId: other,
        DestinationEncryptionContext: { now: 'here' },
      }),
    );
    const opened = await decrypt(moved.CiphertextBlob ?? new Uint8Array(), { now: 'here' }, other);

    expect(moved).toMatchObject({ SourceKeyId: key, KeyId: other });
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(PLAINTEXT);
  });

  test('refuses to re-encrypt from another context', async () => {
    const asked = fixture.client.send(new ReEncryptCommand({ CiphertextBlob: ciphertext, DestinationKeyId: other }));

    await expect(asked).rejects.toThrowWithCode('InvalidCiphertextException');
  });

  test('refuses an RSA algorithm', async () => {
    const asked = fixture.client.send(
      new EncryptCommand({ KeyId: key, Plaintext: PLAINTEXT, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
    );

    await expect(asked).rejects.toThrowWithCode('InvalidKeyUsageException');
  });

  test('finds a key by id as by ARN', async () => {
    const KeyId = key.split('/')[1] ?? '';

    const { KeyId: returned } = await fixture.client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));

    expect(returned).toBe(key);
  });

  test.each([
    ['an alias', () => 'alias/share-key'],
    ["an alias's ARN", () => 'arn:aws:kms:us-east-1:111122223333:alias/share-key'],
    ['another id', () => '00000000-0000-4000-8000-000000000000'],
    ['another region', () => key.replace('us-east-1', 'eu-west-1')],
    ['another account', () => key.replace('111122223333', '444455556666')],
    ['no id at all', () => 'prototype'],
  ])('finds no key under %s', async (_what, keyId) => {
    const asked = fixture.client.send(new GenerateDataKeyCommand({ KeyId: keyId(), KeySpec: 'AES_256' }));

    await expect(asked).rejects.toThrowWithCode('NotFoundException');
  });
});
