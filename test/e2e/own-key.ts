import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes, randomUUID } from 'node:crypto';
import {
  CreateKeyCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  KMSClient,
  type KeySpec,
} from '@aws-sdk/client-kms';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import type { LocalVault } from '../../local/vault';
import { changeReceive } from './deliveries';

/** RFC 5649's alternative initial value */
const KEY_WRAP_IV = Buffer.from('a65959a6', 'hex');

/** Imports a private key, PKCS #8 in DER, into KMS. Returns the ARN of the KMS key. */
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

/** Wraps the material with a new AES key, and the AES key with RSA. */
function wrap(spki: Buffer, material: Buffer): Buffer {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const aes = randomBytes(32);
  const cipher = createCipheriv('id-aes256-wrap-pad', aes, KEY_WRAP_IV);
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  return Buffer.concat([publicEncrypt({ key, ...padding }, aes), cipher.update(material), cipher.final()]);
}

/** Creates a secret with this value. Returns its ARN. */
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

const POLICY = v.object({ PolicyDocument: v.object({ Statement: v.array(v.unknown()) }) });
const TEMPLATE = v.object({
  Resources: v.record(v.string(), v.object({ Type: v.string(), Properties: v.optional(v.unknown()) })),
});

/** Makes the function `receive` open deliveries only with these keys, and grants it their use. */
export function useWebhookKeys(vault: LocalVault, keys: Readonly<Record<string, string>>): Promise<void> {
  letReceive(vault, ...Object.values(keys));
  return changeReceive(vault, { SHARE_VAULT_WEBHOOK_KEYS: JSON.stringify(keys) });
}

/**
 * Grants the function `receive` these keys or secrets, as a template with them does: in its role and in the endpoint
 * policies on its route.
 */
export function letReceive(vault: LocalVault, ...arns: readonly string[]): void {
  const role = vault.template.functions().find(({ name }) => name === vault.functions.receive)?.role;
  const may = { Effect: 'Allow', Action: ['kms:Decrypt', 'secretsmanager:GetSecretValue'], Resource: arns };
  vault.decideWith((template) => {
    for (const { Type, Properties } of Object.values(v.parse(TEMPLATE, template).Resources)) {
      // parsed without a copy: this changes the template
      if (Type !== 'AWS::EC2::VPCEndpoint' || !v.is(POLICY, Properties)) continue;
      Properties.PolicyDocument.Statement.push({ ...may, Principal: '*' });
    }
    const PolicyDocument = { Version: '2012-10-17', Statement: [may] };
    const Further = { Type: 'AWS::IAM::ManagedPolicy', Properties: { Roles: [{ Ref: role }], PolicyDocument } };
    Object.assign(Reflect.get(template, 'Resources') as object, { Further });
  });
}
