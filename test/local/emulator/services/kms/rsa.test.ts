import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetPublicKeyCommand,
  type KeySpec,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { KmsFixture, flipped } from './support';

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256';

describe('RSA keys of the local KMS', () => {
  const fixture = new KmsFixture();
  const keys = new Map<KeySpec, string>();
  let key = '';
  let symmetric = '';

  beforeAll(async () => {
    await fixture.start();
    for (const KeySpec of ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const) {
      keys.set(KeySpec, await fixture.createKey({ KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' }));
    }
    key = keys.get('RSA_2048') ?? '';
    symmetric = await fixture.createKey();
  });
  afterAll(() => fixture.remove());

  const publicKey = async (KeyId: string) => {
    const { PublicKey } = await fixture.client.send(new GetPublicKeyCommand({ KeyId }));
    return createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  };
  const decrypt = (CiphertextBlob: Uint8Array, more: Partial<DecryptCommand['input']> = {}) =>
    fixture.client.send(new DecryptCommand({ KeyId: key, CiphertextBlob, EncryptionAlgorithm, ...more }));

  test.each<[KeySpec, number]>([
    ['RSA_2048', 2_048],
    ['RSA_3072', 3_072],
    ['RSA_4096', 4_096],
  ])('opens what was encrypted outside to the public key of %s', async (spec, bits) => {
    const KeyId = keys.get(spec) ?? '';
    const secret = randomBytes(32);
    const outside = await publicKey(KeyId);

    const { Plaintext, KeyId: returned } = await decrypt(publicEncrypt({ key: outside, ...OAEP }, secret), { KeyId });

    expect(outside.asymmetricKeyDetails?.modulusLength).toBe(bits);
    expect(Buffer.from(Plaintext ?? [])).toEqual(secret);
    expect(returned).toBe(KeyId);
  });

  test.each([
    ['RSAES_OAEP_SHA_256' as const, 190],
    ['RSAES_OAEP_SHA_1' as const, 214],
  ])('encrypts with %s up to %i bytes under 2,048 bits', async (algorithm, limit) => {
    const encrypt = (length: number) =>
      fixture.client.send(
        new EncryptCommand({ KeyId: key, Plaintext: Buffer.alloc(length, 1), EncryptionAlgorithm: algorithm }),
      );

    const { CiphertextBlob = new Uint8Array() } = await encrypt(limit);
    const opened = await decrypt(CiphertextBlob, { EncryptionAlgorithm: algorithm });

    expect(opened.Plaintext).toHaveLength(limit);
    await expect(encrypt(limit + 1)).rejects.toThrowWithCode('ValidationException');
  });

  test('refuses a ciphertext that is short of the modulus, be it the same number', async () => {
    const outside = await publicKey(key);
    const beginningWithZero = (): Buffer => {
      const ciphertext = publicEncrypt({ key: outside, ...OAEP }, Buffer.alloc(32));
      return ciphertext[0] === 0 ? ciphertext : beginningWithZero();
    };

    await expect(decrypt(beginningWithZero().subarray(1))).rejects.toThrowWithCode('InvalidCiphertextException');
  });

  test.each([
    [
      'of another hash',
      async () => publicEncrypt({ key: await publicKey(key), ...OAEP, oaepHash: 'sha1' }, Buffer.alloc(32)),
    ],
    [
      'under a label',
      async () => publicEncrypt({ key: await publicKey(key), ...OAEP, oaepLabel: Buffer.from('x') }, Buffer.alloc(32)),
    ],
    [
      'with a bit turned',
      async () => flipped(publicEncrypt({ key: await publicKey(key), ...OAEP }, Buffer.alloc(32)), 9),
    ],
    ['of another length', async () => Buffer.alloc(255, 1)],
    [
      'of another key',
      async () => publicEncrypt({ key: await publicKey(keys.get('RSA_3072') ?? ''), ...OAEP }, Buffer.alloc(32)),
    ],
  ])('refuses a ciphertext %s', async (_what, make) => {
    await expect(decrypt(await make())).rejects.toThrowWithCode('InvalidCiphertextException');
  });

  test('needs the key named', async () => {
    await expect(decrypt(Buffer.alloc(256), { KeyId: undefined })).rejects.toThrowWithCode('ValidationException');
  });

  test('refuses the symmetric algorithm, data keys and an encryption context', async () => {
    const ciphertext = publicEncrypt({ key: await publicKey(key), ...OAEP }, Buffer.alloc(32));
    const dataKey = fixture.client.send(new GenerateDataKeyCommand({ KeyId: key, KeySpec: 'AES_256' }));

    await expect(dataKey).rejects.toThrowWithCode('InvalidKeyUsageException');
    await expect(decrypt(ciphertext, { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })).rejects.toThrowWithCode(
      'InvalidKeyUsageException',
    );
    await expect(decrypt(ciphertext, { EncryptionContext: { a: 'b' } })).rejects.toThrowWithCode('ValidationException');
  });

  test('re-encrypts from RSA to a symmetric key', async () => {
    const secret = randomBytes(32);
    const moved = await fixture.client.send(
      new ReEncryptCommand({
        CiphertextBlob: publicEncrypt({ key: await publicKey(key), ...OAEP }, secret),
        SourceKeyId: key,
        SourceEncryptionAlgorithm: EncryptionAlgorithm,
        DestinationKeyId: symmetric,
      }),
    );

    const opened = await decrypt(moved.CiphertextBlob ?? new Uint8Array(), {
      KeyId: symmetric,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    });

    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(secret);
  });

  test('has no public key if the key is symmetric', async () => {
    const asked = fixture.client.send(new GetPublicKeyCommand({ KeyId: symmetric }));

    await expect(asked).rejects.toThrowWithCode('UnsupportedOperationException');
  });

  test('describes itself as KMS does', async () => {
    const { KeyMetadata } = await fixture.client.send(new DescribeKeyCommand({ KeyId: key }));

    expect(KeyMetadata).toMatchObject({
      Arn: key,
      AWSAccountId: '111122223333',
      Enabled: true,
      KeyState: 'Enabled',
      KeySpec: 'RSA_2048',
      KeyUsage: 'ENCRYPT_DECRYPT',
      Origin: 'AWS_KMS',
      EncryptionAlgorithms: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
    });
    expect(KeyMetadata?.CreationDate).toBeInstanceOf(Date);
  });
});
