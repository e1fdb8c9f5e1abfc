import {
  constants,
  createCipheriv,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  ScheduleKeyDeletionCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
} from '@aws-sdk/client-kms';
import { KmsFixture } from './support';

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const FOR_GOOD = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' as const };
const DAY_MS = 86_400_000;

describe('imported key material in the local KMS', () => {
  let fixture = new KmsFixture();
  let KeyId = '';

  beforeEach(async () => {
    fixture = await new KmsFixture().start();
    KeyId = await fixture.createKey({ Origin: 'EXTERNAL' });
  });
  afterEach(() => fixture.remove());

  const parameters = async (WrappingAlgorithm: 'RSAES_OAEP_SHA_256' | 'RSA_AES_KEY_WRAP_SHA_256', keyId = KeyId) => {
    const response = await fixture.client.send(
      new GetParametersForImportCommand({ KeyId: keyId, WrappingAlgorithm, WrappingKeySpec: 'RSA_2048' }),
    );
    const key = createPublicKey({ key: Buffer.from(response.PublicKey ?? []), format: 'der', type: 'spki' });
    return { ImportToken: response.ImportToken, key };
  };
  const importMaterial = (input: Omit<ImportKeyMaterialCommandInput, 'KeyId'>, keyId = KeyId) =>
    fixture.client.send(new ImportKeyMaterialCommand({ KeyId: keyId, ...FOR_GOOD, ...input }));
  const importBytes = async (material: Buffer, more: Partial<ImportKeyMaterialCommandInput> = {}) => {
    const { ImportToken, key } = await parameters('RSAES_OAEP_SHA_256');
    return importMaterial({ ImportToken, EncryptedKeyMaterial: publicEncrypt({ key, ...OAEP }, material), ...more });
  };
  /** Wraps a new AES key with RSA, and the material with that key (RFC 5649). */
  const wrap = (key: Awaited<ReturnType<typeof parameters>>['key'], material: Buffer) => {
    const aes = randomBytes(32);
    const cipher = createCipheriv('id-aes256-wrap-pad', aes, Buffer.from('a65959a6', 'hex'));
    return Buffer.concat([publicEncrypt({ key, ...OAEP }, aes), cipher.update(material), cipher.final()]);
  };
  const state = async () => {
    const { KeyMetadata } = await fixture.client.send(new DescribeKeyCommand({ KeyId }));
    return KeyMetadata?.KeyState;
  };
  const encrypt = () => fixture.client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('kept') }));

  test('waits for its material, then uses it', async () => {
    const waiting = await state();
    const early = encrypt();
    await expect(early).rejects.toThrowWithCode('KMSInvalidStateException');

    await importBytes(randomBytes(32));

    const { CiphertextBlob } = await encrypt();
    const { Plaintext } = await fixture.client.send(new DecryptCommand({ CiphertextBlob }));
    expect([waiting, await state()]).toEqual(['PendingImport', 'Enabled']);
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('kept');
  });

  test('accepts an RSA private key by RSA_AES_KEY_WRAP_SHA_256', async () => {
    KeyId = await fixture.createKey({ Origin: 'EXTERNAL', KeySpec: 'RSA_3072' });
    const own = generateKeyPairSync('rsa', { modulusLength: 3_072 });
    const { ImportToken, key } = await parameters('RSA_AES_KEY_WRAP_SHA_256');
    const pkcs8 = own.privateKey.export({ format: 'der', type: 'pkcs8' });

    await importMaterial({ ImportToken, EncryptedKeyMaterial: wrap(key, pkcs8) });

    const { PublicKey } = await fixture.client.send(new GetPublicKeyCommand({ KeyId }));
    const { Plaintext } = await fixture.client.send(
      new DecryptCommand({
        KeyId,
        CiphertextBlob: publicEncrypt({ key: own.publicKey, ...OAEP }, Buffer.from('kept')),
        EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      }),
    );
    expect(Buffer.from(PublicKey ?? [])).toEqual(own.publicKey.export({ format: 'der', type: 'spki' }));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('kept');
  });

  test.each([
    ['of another size', () => generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey],
    ['of another kind', () => generateKeyPairSync('ed25519').privateKey],
  ])('refuses a private key %s', async (_what, make) => {
    KeyId = await fixture.createKey({ Origin: 'EXTERNAL', KeySpec: 'RSA_3072' });
    const { ImportToken, key } = await parameters('RSA_AES_KEY_WRAP_SHA_256');
    const EncryptedKeyMaterial = wrap(key, make().export({ format: 'der', type: 'pkcs8' }));

    const asked = importMaterial({ ImportToken, EncryptedKeyMaterial });

    await expect(asked).rejects.toThrowWithCode('IncorrectKeyMaterialException');
  });

  test.each([31, 33])('refuses %i bytes for a symmetric key', async (length) => {
    await expect(importBytes(randomBytes(length))).rejects.toThrowWithCode('IncorrectKeyMaterialException');
  });

  test('accepts the same material again and never another', async () => {
    const material = randomBytes(32);
    await importBytes(material);

    await importBytes(material);

    await expect(importBytes(randomBytes(32))).rejects.toThrowWithCode('IncorrectKeyMaterialException');
  });

  test("refuses another key's token, an unknown one and an expired one", async () => {
    const other = await fixture.createKey({ Origin: 'EXTERNAL' });
    const { ImportToken, key } = await parameters('RSAES_OAEP_SHA_256');
    const EncryptedKeyMaterial = publicEncrypt({ key, ...OAEP }, randomBytes(32));

    const elsewhere = importMaterial({ ImportToken, EncryptedKeyMaterial }, other);
    await expect(elsewhere).rejects.toThrowWithCode('InvalidImportTokenException');
    const unknown = importMaterial({ ImportToken: randomBytes(32), EncryptedKeyMaterial });
    await expect(unknown).rejects.toThrowWithCode('InvalidImportTokenException');
    fixture.passDays(1.1);
    const late = importMaterial({ ImportToken, EncryptedKeyMaterial });
    await expect(late).rejects.toThrowWithCode('ExpiredImportTokenException');
  });

  test('refuses material that is not wrapped to the key that it gave out', async () => {
    const { ImportToken } = await parameters('RSAES_OAEP_SHA_256');

    const asked = importMaterial({ ImportToken, EncryptedKeyMaterial: randomBytes(256) });

    await expect(asked).rejects.toThrowWithCode('InvalidCiphertextException');
  });

  test('refuses material for a key of its own making', async () => {
    const own = await fixture.createKey();

    await expect(parameters('RSAES_OAEP_SHA_256', own)).rejects.toThrowWithCode('UnsupportedOperationException');
  });

  test('refuses material for a key that is pending deletion', async () => {
    const { ImportToken, key } = await parameters('RSAES_OAEP_SHA_256');
    const EncryptedKeyMaterial = publicEncrypt({ key, ...OAEP }, randomBytes(32));
    await fixture.client.send(new ScheduleKeyDeletionCommand({ KeyId }));

    const asked = importMaterial({ ImportToken, EncryptedKeyMaterial });

    await expect(asked).rejects.toThrowWithCode('KMSInvalidStateException');
    await expect(parameters('RSAES_OAEP_SHA_256')).rejects.toThrowWithCode('KMSInvalidStateException');
  });

  test.each([
    ['enable', EnableKeyCommand],
    ['disable', DisableKeyCommand],
  ])('refuses to %s a key without material', async (_what, command) => {
    await expect(fixture.client.send(new command({ KeyId }))).rejects.toThrowWithCode('KMSInvalidStateException');
  });

  test('stops using material that expired', async () => {
    const ValidTo = new Date(Date.now() + DAY_MS);
    await importBytes(randomBytes(32), { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo });
    await encrypt();

    fixture.passDays(1.1);

    await expect(encrypt()).rejects.toThrowWithCode('KMSInvalidStateException');
    expect(await state()).toBe('PendingImport');
  });

  test.each<[string, Partial<ImportKeyMaterialCommandInput>]>([
    ['no time although it is to expire', { ExpirationModel: 'KEY_MATERIAL_EXPIRES' }],
    ['a time in the past', { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(0) }],
    ['a time although it is not to expire', { ValidTo: new Date(Date.now() + DAY_MS) }],
  ])('refuses %s', async (_what, more) => {
    await expect(importBytes(randomBytes(32), more)).rejects.toThrowWithCode('ValidationException');
  });
});
