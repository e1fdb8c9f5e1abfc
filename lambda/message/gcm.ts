import { createCipheriv, type CipherGCM, type KeyObject, timingSafeEqual } from 'node:crypto';
import { IV_BYTES, TAG_BYTES } from './format';
import { withMask } from './mask';

const ALGORITHM = 'aes-256-gcm';
// without it Node takes tags of 4 bytes
const OPTIONS = { authTagLength: TAG_BYTES };

/** The header's IV. A frame's is its sequence number. */
export const HEADER_IV = Buffer.alloc(IV_BYTES);

/** Encrypts; the plaintext is read in place, and the memory that `update` frees holds ciphertext only. */
export function cipher(key: KeyObject, iv: Uint8Array, additional?: Uint8Array): CipherGCM {
  const created = createCipheriv(ALGORITHM, key, iv, OPTIONS);
  return additional === undefined ? created : created.setAAD(additional);
}

/** One plaintext, encrypted with AES-256-GCM. */
export interface Encrypted {
  /** 12 bytes, or as many as its writer chose */
  readonly iv: Uint8Array;
  /** @default - none */
  readonly additional?: Uint8Array | undefined;
  readonly ciphertext: Uint8Array;
  /** 16 bytes */
  readonly tag: Uint8Array;
}

/**
 * Decrypts into new memory that the caller has to wipe; `undefined` if the tag does not fit. Leaves no other copy of the
 * plaintext.
 *
 * `Decipher.update` must never see a material: it moves its output to a buffer of the exact size and frees the first one
 * with the plaintext in it. `Cipher.update` does the same, so here its output is masked. GCM adds one key stream in both
 * directions: to encrypt the masked ciphertext gives the masked plaintext. The tag is then that of the plaintext, encrypted
 * again: what this frees is ciphertext.
 */
export function decrypt(key: KeyObject, { iv, additional, ciphertext, tag }: Encrypted): Buffer | undefined {
  const plaintext = withMask(ciphertext, (masked) => encrypt(cipher(key, iv), masked));
  let verified = false;
  try {
    verified = timingSafeEqual(tagOf(cipher(key, iv, additional), plaintext), tag);
  } finally {
    if (!verified) plaintext.fill(0);
  }
  return verified ? plaintext : undefined;
}

function tagOf(sealed: CipherGCM, plaintext: Uint8Array): Buffer {
  encrypt(sealed, plaintext);
  return sealed.getAuthTag();
}

function encrypt(sealed: CipherGCM, plaintext: Uint8Array): Buffer {
  const ciphertext = sealed.update(plaintext);
  // ends the use of the key: until then the cipher has a copy of it
  sealed.final();
  return ciphertext;
}

/** Whether a tag fits additional data without any ciphertext. */
export function fits(key: KeyObject, iv: Uint8Array, additional: Uint8Array, tag: Uint8Array): boolean {
  const sealed = cipher(key, iv, additional);
  sealed.final();
  return timingSafeEqual(sealed.getAuthTag(), tag);
}
