import { type KeyObject, constants, createCipheriv, publicEncrypt, randomBytes, randomFillSync } from 'node:crypto';
import { keyMemory, wipe } from './bytes';
import { GCM } from './limits';

/** RSA-OAEP with SHA-256, MGF1 with SHA-256, no label. */
export const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;

/** A plaintext encrypted with AES-256-GCM. */
export interface Encrypted {
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
  /** further bytes that the tag covers @default - none */
  readonly additional?: Uint8Array | undefined;
}

/** Encrypts; the plaintext is read in place. Each key must see an IV once only. */
export function encryptGcm(key: Uint8Array, iv: Buffer, plaintext: Uint8Array, additional?: Uint8Array): Encrypted {
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: GCM.tagBytes });
  if (additional !== undefined) cipher.setAAD(additional);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return { iv, ciphertext, tag: cipher.getAuthTag() };
}

/**
 * Encrypts a material under a fresh content key, and that key under an RSA key, as `encryptedKey`. Wipes the content
 * key; the material stays the caller's to wipe.
 */
export function encryptTo(
  publicKey: KeyObject,
  material: Uint8Array,
  { ivBytes, additional }: { readonly ivBytes: number; readonly additional?: Uint8Array },
): Encrypted & { readonly encryptedKey: Buffer } {
  const contentKey = randomFillSync(keyMemory(GCM.keyBytes));
  try {
    const encryptedKey = publicEncrypt({ key: publicKey, ...OAEP }, contentKey);
    return { encryptedKey, ...encryptGcm(contentKey, randomBytes(ivBytes), material, additional) };
  } finally {
    wipe(contentKey);
  }
}
