import { createCipheriv, createDecipheriv, type CipherGCM, type DecipherGCM, type KeyObject } from 'node:crypto';
import { corrupt } from './bytes';
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

/** Throws `MessageCorrupt` unless the tag fits all that the decipher was given. */
export function verify(opened: DecipherGCM, what: string): void {
  try {
    opened.final();
  } catch {
    throw corrupt(`expected a tag that fits the ${what}, got another`);
  }
}
