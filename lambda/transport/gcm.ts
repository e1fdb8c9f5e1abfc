import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { wipe } from '../bytes';
import { unreadable } from './rejected';

const ALGORITHM = 'aes-256-gcm';
export const CONTENT_KEY_BYTES = 32;
export const IV_BYTES = 12;
export const TAG_BYTES = 16;
// without it Node takes tags of 4 bytes
const OPTIONS = { authTagLength: TAG_BYTES };
/** Never finished, and its output is nobody's. */
const SCRUBBER = createCipheriv('aes-256-ctr', Buffer.alloc(CONTENT_KEY_BYTES), Buffer.alloc(16));

/** What AES-256-GCM made. */
export interface Sealed {
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
  /** what the tag covers besides */
  readonly additional?: Buffer;
}

/** Opens into memory of its own, which the caller wipes; throws `TransportRejected` where the tag does not fit. */
export function openGcm(key: Uint8Array, { iv, ciphertext, tag, additional }: Sealed): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, iv, OPTIONS).setAuthTag(tag);
  if (additional !== undefined) decipher.setAAD(additional);
  const plaintext = decipher.update(ciphertext);
  // Node moves the output of `update` to a buffer of its exact size and frees the first one as it is, plaintext and
  // all; the next output of this length comes to lie on the freed place. The allocator may have given the first one 16
  // bytes more than it asked for, which the next size finds
  SCRUBBER.update(ciphertext);
  SCRUBBER.update(Buffer.concat([ciphertext, tag]));
  try {
    decipher.final();
    return plaintext;
  } catch {
    wipe(plaintext);
    throw unreadable();
  }
}

/** Seals under a fresh random IV. */
export function sealGcm(key: Uint8Array, plaintext: Uint8Array, additional: Uint8Array): Sealed {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, OPTIONS).setAAD(additional);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return { iv, ciphertext, tag: cipher.getAuthTag() };
}
