import { createCipheriv, createDecipheriv, type CipherGCM, type DecipherGCM, type KeyObject } from 'node:crypto';
import { corrupt } from './errors';
import { IV_BYTES, TAG_BYTES } from './format';

const ALGORITHM = 'aes-256-gcm';
// without it Node takes tags of 4 bytes
const OPTIONS = { authTagLength: TAG_BYTES };

/** The header's IV. A frame's is its sequence number. */
export const HEADER_IV = Buffer.alloc(IV_BYTES);

export function cipher(key: KeyObject, iv: Uint8Array, additional: Uint8Array): CipherGCM {
  return createCipheriv(ALGORITHM, key, iv, OPTIONS).setAAD(additional);
}

export function decipher(key: KeyObject, iv: Uint8Array, additional: Uint8Array, tag: Uint8Array): DecipherGCM {
  return createDecipheriv(ALGORITHM, key, iv, OPTIONS).setAAD(additional).setAuthTag(tag);
}

/** Never finished, and its output is nobody's. */
const SCRUBBER = createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16));

/**
 * Decrypts the bytes before a tag into memory of its own, to be wiped by the caller: unpooled, and no copy elsewhere.
 * @param sealed ciphertext and tag
 */
export function decrypt(opened: DecipherGCM, sealed: Uint8Array): Buffer {
  const ciphertext = sealed.subarray(0, sealed.length - TAG_BYTES);
  const plaintext = opened.update(ciphertext);
  // Node moves what `update` made to a buffer of its exact size and frees the first one as it is, plaintext and all;
  // the next output of the same length comes to lie in its place. The allocator may have given the first one 16 bytes
  // more than it asked for, which the next size finds
  SCRUBBER.update(ciphertext);
  SCRUBBER.update(sealed);
  return plaintext;
}

/** Throws `MessageCorrupt` unless the tag fits all that the decipher was given. */
export function verify(opened: DecipherGCM, what: string): void {
  try {
    opened.final();
  } catch {
    throw corrupt(`expected a tag that fits the ${what}, got another`);
  }
}
