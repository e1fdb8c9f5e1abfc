import {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  type KeyringNode,
  KmsKeyringNode,
  NodeCachingMaterialsManager,
  buildClient,
  getClient,
  getLocalCryptographicMaterialsCache,
} from '@aws-crypto/client-node';
import { KMS, type KMSClientConfig } from '@aws-sdk/client-kms';

/** Materials of the AWS Encryption SDK: a keyring, or a manager that keeps data keys. */
export type EsdkMaterials = KeyringNode | NodeCachingMaterialsManager;

const client = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const SUITE = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;

/** Returns the keyring of one key of AWS KMS, as the ESDK's guide makes it. */
export function esdkKmsKeyring(keyArn: string, config: KMSClientConfig = {}): KeyringNode {
  // the ESDK creates this class in a function, so its types don't show the superclass
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
  return new KmsKeyringNode({ generatorKeyId: keyArn, clientProvider: getClient(KMS, config) });
}

/** The limits of a caching manager. The vault keeps no data key, so it has none. */
export interface CacheLimits {
  readonly capacity: number;
  readonly maxAgeMs: number;
  /** of one data key */
  readonly maxMessages: number;
}

/** Returns a manager that keeps data keys in memory: most calls then make no call of KMS, and no log entry of it. */
export function esdkCachingMaterials(backingMaterials: KeyringNode, limits: CacheLimits): NodeCachingMaterialsManager {
  const { capacity, maxAgeMs: maxAge, maxMessages: maxMessagesEncrypted } = limits;
  const cache = getLocalCryptographicMaterialsCache(capacity);
  return new NodeCachingMaterialsManager({ backingMaterials, cache, maxAge, maxMessagesEncrypted });
}

/** Encrypts with the vault's own suite, 0x0478: the default one also signs, which takes four times as long. */
export async function esdkSeal(
  materials: EsdkMaterials,
  plaintext: Uint8Array,
  context: ReadonlyMap<string, string>,
): Promise<Buffer> {
  const options = { suiteId: SUITE, encryptionContext: Object.fromEntries(context) };
  const { result } = await client.encrypt(materials, Buffer.from(plaintext), options);
  return result;
}

/** Decrypts, and compares the context as the ESDK's guide asks. Throws if it differs. */
export async function esdkOpen(
  materials: EsdkMaterials,
  message: Uint8Array,
  context: ReadonlyMap<string, string>,
): Promise<Buffer> {
  const { plaintext, messageHeader } = await client.decrypt(materials, Buffer.from(message));
  for (const [name, value] of context) {
    if (messageHeader.encryptionContext[name] !== value) throw new Error(`expected the context's ${name}, got another`);
  }
  return plaintext;
}
