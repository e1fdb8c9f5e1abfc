import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { decrypt } from '../message/gcm';
import { unreadable } from './rejected';

const ALGORITHM = 'aes-256-gcm';
export const CONTENT_KEY_BYTES = 32;
export const IV_BYTES = 12;
export const TAG_BYTES = 16;

/** What AES-256-GCM made. */
export interface Sealed {
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
  /** what the tag covers besides */
  readonly additional?: Buffer;
}

/** Opens into new memory that the caller has to wipe; throws `TransportRejected` if the tag does not fit. */
export async function openGcm(key: Uint8Array, { iv, ciphertext, tag, additional }: Sealed): Promise<Buffer> {
  if (tag.length !== TAG_BYTES) throw new RangeError(`expected a tag of ${TAG_BYTES} bytes, got ${tag.length}`);
  const sealed = Buffer.concat([ciphertext, tag]);
  const plaintext = await decrypt(createSecretKey(key), { iv, additional, sealed });
  if (plaintext === undefined) throw unreadable();
  return plaintext;
}

/** Seals under a fresh random IV. */
export function sealGcm(key: Uint8Array, plaintext: Uint8Array, additional: Uint8Array): Sealed {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES }).setAAD(additional);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return { iv, ciphertext, tag: cipher.getAuthTag() };
}
