import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes, randomUUID } from 'node:crypto';
import {
  CreateKeyCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  KMSClient,
  type KeySpec,
} from '@aws-sdk/client-kms';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { LocalVault } from '../../local/vault';

/** RFC 5649's alternative initial value */
const KEY_WRAP_IV = Buffer.from('a65959a6', 'hex');

/** Brings a private key of one's own, PKCS #8 in DER, into the KMS; gives the ARN of the key that it is there. */
export async function importRsaKey(vault: LocalVault, KeySpec: KeySpec, pkcs8: Buffer): Promise<string> {
  const kms = new KMSClient({ endpoint: vault.url, region: vault.region, credentials: vault.credentials });
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ KeySpec, KeyUsage: 'ENCRYPT_DECRYPT', Origin: 'EXTERNAL' }),
  );
  const KeyId = KeyMetadata?.Arn ?? '';
  const { ImportToken, PublicKey } = await kms.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: 'RSA_AES_KEY_WRAP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    }),
  );
  const EncryptedKeyMaterial = wrap(Buffer.from(PublicKey ?? []), pkcs8);
  const ExpirationModel = 'KEY_MATERIAL_DOES_NOT_EXPIRE';
  await kms.send(new ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial, ExpirationModel }));
  return KeyId;
}

/** RSA over a fresh AES key, that over the material. */
function wrap(spki: Buffer, material: Buffer): Buffer {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const aes = randomBytes(32);
  const cipher = createCipheriv('id-aes256-wrap-pad', aes, KEY_WRAP_IV);
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  return Buffer.concat([publicEncrypt({ key, ...padding }, aes), cipher.update(material), cipher.final()]);
}

/** Makes a secret with this value; gives its ARN. */
export async function storeSecret(
  vault: LocalVault,
  value: { readonly SecretBinary?: Buffer; readonly SecretString?: string },
): Promise<string> {
  const secrets = new SecretsManagerClient({
    endpoint: vault.url,
    region: vault.region,
    credentials: vault.credentials,
  });
  const { ARN = '' } = await secrets.send(new CreateSecretCommand({ Name: `own-${randomUUID()}`, ...value }));
  return ARN;
}
