import {
  type KeyObject,
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import { promisify } from 'node:util';
import { kmsErrors } from './errors';
import type { Algorithm, Key, KeyMaterial, RsaSpec } from './key';

const HASHES = { RSAES_OAEP_SHA_1: 'sha1', RSAES_OAEP_SHA_256: 'sha256' } as const;
const DIGEST_BYTES = { sha1: 20, sha256: 32 } as const;
type OaepAlgorithm = keyof typeof HASHES;

/** Returns a new private key as PKCS #8 DER. */
export async function generateRsa(spec: RsaSpec): Promise<Buffer> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: modulusBits(spec) });
  return privateKey.export({ type: 'pkcs8', format: 'der' });
}

/** Returns the public key as SubjectPublicKeyInfo, DER. */
export function publicKeyOf(key: Key): Buffer {
  return createPublicKey(privateKeyOf(key)).export({ type: 'spki', format: 'der' });
}

export function encryptRsa(key: Key, plaintext: Uint8Array, algorithm: Algorithm): Buffer {
  const oaepHash = HASHES[requireOaep(algorithm)];
  const limit = modulusBits(key.spec) / 8 - 2 * DIGEST_BYTES[oaepHash] - 2;
  if (plaintext.length > limit) {
    throw kmsErrors.validation(
      `Algorithm ${algorithm} and key spec ${key.spec} cannot encrypt data larger than ${limit} bytes.`,
    );
  }
  return publicEncrypt(
    { key: createPublicKey(privateKeyOf(key)), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash },
    plaintext,
  );
}

/** Decrypts with RSA. The caller wipes the result. */
export function decryptRsa(key: Key, ciphertext: Uint8Array, algorithm: Algorithm): Buffer {
  return openOaep(privateKeyOf(key), ciphertext, HASHES[requireOaep(algorithm)]);
}

/** Decrypts RSA-OAEP. Throws the same error for every invalid ciphertext. The caller wipes the result. */
export function openOaep(key: KeyObject, ciphertext: Uint8Array, oaepHash: 'sha1' | 'sha256'): Buffer {
  // OpenSSL also accepts a shorter ciphertext
  if (ciphertext.length * 8 !== key.asymmetricKeyDetails?.modulusLength) throw kmsErrors.invalidCiphertext();
  try {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, ciphertext);
  } catch {
    throw kmsErrors.invalidCiphertext();
  }
}

export function modulusBits(spec: string): number {
  return Number(spec.slice('RSA_'.length));
}

function requireOaep(algorithm: Algorithm): OaepAlgorithm {
  if (algorithm === 'SYMMETRIC_DEFAULT') throw kmsErrors.invalidKeyUsage(`an RSA key does not support ${algorithm}`);
  return algorithm;
}

/** Parsed private keys: parsing PKCS #8 takes longer than using the key. */
const parsed = new WeakMap<KeyMaterial, KeyObject>();

function privateKeyOf(key: Key): KeyObject {
  const material = key.materials.at(-1);
  if (material === undefined) throw kmsErrors.invalidState(key.arn, 'pending import');
  const known = parsed.get(material);
  if (known !== undefined) return known;
  const read = createPrivateKey({ key: material.bytes, format: 'der', type: 'pkcs8' });
  parsed.set(material, read);
  return read;
}
