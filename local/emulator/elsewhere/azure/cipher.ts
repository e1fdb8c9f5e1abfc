import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { promisify } from 'node:util';
import { wipe } from '../../wipe';
import { IV_BYTES, TAG_BYTES } from '../sizes';
import { azureErrors } from './azure-error';
import type { KeySpec, KeyVersion } from './key';

const OAEP_HASH_BYTES = 32;
const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;

/** Returns the secret bytes of a new version. */
export async function generateMaterial(spec: KeySpec): Promise<Buffer> {
  if (spec.kty === 'oct-HSM') return randomBytes(32);
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: spec.bits });
  return privateKey.export({ type: 'pkcs8', format: 'der' });
}

/** Returns the public members of a key's JWK; none of a symmetric key. */
export function publicJwk(spec: KeySpec, version: KeyVersion): JsonWebKey {
  if (spec.kty === 'oct-HSM') return {};
  const { n, e } = createPublicKey(privateKeyOf(version)).export({ format: 'jwk' });
  return { ...(n !== undefined && { n }), ...(e !== undefined && { e }) };
}

/** RSA-OAEP-256. Throws `BadParameter` for a value that is too long for the key. */
export function encryptRsa(version: KeyVersion, plaintext: Uint8Array): Buffer {
  const key = createPublicKey(privateKeyOf(version));
  const limit = modulusBytes(key) - 2 * OAEP_HASH_BYTES - 2;
  if (plaintext.length > limit) throw azureErrors.badParameter('Invalid length of value.');
  return publicEncrypt({ key, ...OAEP }, plaintext);
}

/** The caller wipes the result. Throws `BadParameter` for a ciphertext of another key. */
export function decryptRsa(version: KeyVersion, ciphertext: Uint8Array): Buffer {
  const key = privateKeyOf(version);
  // OpenSSL also accepts a shorter ciphertext
  if (ciphertext.length !== modulusBytes(key)) throw azureErrors.badParameter('Invalid length of value.');
  try {
    return privateDecrypt({ key, ...OAEP }, ciphertext);
  } catch {
    throw azureErrors.badParameter('Error occurred while decoding OAEP padding.');
  }
}

export interface GcmParts {
  readonly value: Buffer;
  readonly iv: Buffer;
  readonly tag: Buffer;
}

/** A256GCM under an IV of the service. */
export function encryptGcm({ material }: KeyVersion, plaintext: Uint8Array, aad: Uint8Array): GcmParts {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', material, iv, { authTagLength: TAG_BYTES }).setAAD(aad);
  const value = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { value, iv, tag: cipher.getAuthTag() };
}

/** The caller wipes the result. Throws `BadParameter` for another key, additional data or tag. */
export function decryptGcm({ material }: KeyVersion, { value, iv, tag }: GcmParts, aad: Uint8Array): Buffer {
  if (iv.length !== IV_BYTES || tag.length !== TAG_BYTES)
    throw azureErrors.badParameter('Invalid length of iv or tag.');
  const decipher = createDecipheriv('aes-256-gcm', material, iv, { authTagLength: TAG_BYTES }).setAAD(aad);
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(value);
  try {
    decipher.final();
    return plaintext;
  } catch {
    wipe(plaintext);
    throw azureErrors.badParameter('The authentication tag did not match.');
  }
}

function modulusBytes(key: KeyObject): number {
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
}

/** Parsed private keys: parsing PKCS #8 takes longer than using the key. */
const parsed = new WeakMap<KeyVersion, KeyObject>();

function privateKeyOf(version: KeyVersion): KeyObject {
  const known = parsed.get(version);
  if (known !== undefined) return known;
  const read = createPrivateKey({ key: version.material, format: 'der', type: 'pkcs8' });
  parsed.set(version, read);
  return read;
}
