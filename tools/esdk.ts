import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  MultiKeyringNode,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { EncryptionContext, WrappedDataKey } from '../lambda/message';
import { encodeContext } from '../lambda/message/context';

/** The AWS Encryption SDK for JavaScript: it and `lambda/message` have to open each other's messages. */
const client = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const PROVIDER_ID = 'test-namespace';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A wrapping key of the ESDK's raw AES keyring: a name and 32 bytes. */
export interface WrappingKey {
  readonly name: string;
  readonly secret: Buffer;
}

/** Returns keys with names of equal length: the keyring finds its data key by name, so none may be another's prefix. */
export function wrappingKeys(count: number): readonly WrappingKey[] {
  return Array.from({ length: count }, (_, i) => ({ name: `wrapping-key-${i}`, secret: randomBytes(32) }));
}

export interface EsdkInput {
  readonly plaintext: Uint8Array;
  readonly keys: readonly WrappingKey[];
  readonly context: EncryptionContext;
  readonly frameLength?: number;
}

/** Encrypts in frames of 4,096 bytes by default; a plaintext of whole frames ends in an empty one. */
export async function esdkEncrypt({ plaintext, keys, context, frameLength }: EsdkInput): Promise<Buffer> {
  const { result } = await client.encrypt(multiKeyring(keys), Buffer.from(plaintext), {
    suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
    encryptionContext: Object.fromEntries(context),
    ...(frameLength !== undefined && { frameLength }),
  });
  return result;
}

export async function esdkDecrypt(
  message: Uint8Array,
  keys: readonly WrappingKey[],
): Promise<{ readonly plaintext: Buffer; readonly context: EncryptionContext }> {
  const { plaintext, messageHeader } = await client.decrypt(multiKeyring(keys), Buffer.from(message));
  return { plaintext, context: new Map(Object.entries(messageHeader.encryptionContext)) };
}

function multiKeyring(keys: readonly WrappingKey[]): MultiKeyringNode {
  const [generator, ...children] = keys.map(rawAesKeyring);
  if (generator === undefined) throw new RangeError('expected a wrapping key, got none');
  return new MultiKeyringNode({ generator, children });
}

function rawAesKeyring({ name, secret }: WrappingKey): RawAesKeyringNode {
  return new RawAesKeyringNode({
    keyName: name,
    keyNamespace: PROVIDER_ID,
    // memory of its own: the keyring takes no slice of a pool
    unencryptedMasterKey: new Uint8Array(secret),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    utf8Sorting: true,
  });
}

/** Wraps as the raw AES keyring does: info = name ‖ tag bits (4) ‖ IV length (4) ‖ IV, additional data = the context. */
export function wrapDataKey(
  dataKey: Buffer,
  { name, secret }: WrappingKey,
  context: EncryptionContext,
): WrappedDataKey {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secret, iv, { authTagLength: TAG_BYTES }).setAAD(encodeContext(context));
  const ciphertext = Buffer.concat([cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
  const providerInfo = Buffer.concat([Buffer.from(name), uint32(TAG_BYTES * 8), uint32(IV_BYTES), iv]);
  return { providerId: PROVIDER_ID, providerInfo, ciphertext };
}

export function unwrapDataKey(wrapped: WrappedDataKey, { secret }: WrappingKey, context: EncryptionContext): Buffer {
  const iv = wrapped.providerInfo.subarray(-IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', secret, iv, { authTagLength: TAG_BYTES })
    .setAAD(encodeContext(context))
    .setAuthTag(wrapped.ciphertext.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(wrapped.ciphertext.subarray(0, -TAG_BYTES)), decipher.final()]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
