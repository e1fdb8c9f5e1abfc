import { createCipheriv, createDecipheriv, type CipherGCM, type KeyObject, webcrypto } from 'node:crypto';
import { IV_BYTES, TAG_BYTES } from './format';

const ALGORITHM = 'aes-256-gcm';
// without it Node takes tags of 4 bytes
const OPTIONS = { authTagLength: TAG_BYTES };

/** The header's IV. A frame's is its sequence number. */
export const HEADER_IV = Buffer.alloc(IV_BYTES);

/** Encrypts; the plaintext is read in place, and the memory that `update` frees holds ciphertext only. */
export function cipher(key: KeyObject, iv: Uint8Array, additional: Uint8Array): CipherGCM {
  return createCipheriv(ALGORITHM, key, iv, OPTIONS).setAAD(additional);
}

/** One plaintext, encrypted with AES-256-GCM. */
export interface Encrypted {
  readonly iv: Uint8Array;
  /** @default - none */
  readonly additional?: Uint8Array | undefined;
  /** the ciphertext and, behind it, its tag of 16 bytes */
  readonly sealed: Uint8Array;
}

/**
 * Decrypts into new memory that the caller has to wipe; `undefined` if the tag does not fit. `Decipher.update` must
 * never see a material: it moves its output to a buffer of the exact size and frees the first one with the plaintext in
 * it. Web Crypto decrypts into one allocation, hands that out, and clears it before it is freed.
 */
export async function decrypt(key: KeyObject, { iv, additional, sealed }: Encrypted): Promise<Buffer | undefined> {
  const algorithm = {
    name: 'AES-GCM',
    iv,
    tagLength: TAG_BYTES * 8,
    ...(additional && { additionalData: additional }),
  };
  try {
    const cryptoKey = key.toCryptoKey('AES-GCM', false, ['decrypt']);
    return Buffer.from(await webcrypto.subtle.decrypt(algorithm, cryptoKey, sealed));
  } catch (error) {
    if (isOperationError(error)) return undefined;
    throw error;
  }
}

/** Whether a tag fits additional data without any ciphertext. */
export function fits(key: KeyObject, iv: Uint8Array, additional: Uint8Array, tag: Uint8Array): boolean {
  const decipher = createDecipheriv(ALGORITHM, key, iv, OPTIONS).setAAD(additional).setAuthTag(tag);
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

/** By its name: a `DOMException` of another realm is no instance of this one's. */
function isOperationError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'OperationError';
}
