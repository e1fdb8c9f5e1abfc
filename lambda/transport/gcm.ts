import { createSecretKey, randomBytes } from 'node:crypto';
import { type Encrypted, encryptGcm } from '../contract/encrypt';
import { GCM } from '../contract/limits';
import { decrypt } from '../message/gcm';
import { rejected } from './members';

export type Sealed = Encrypted;

/** Decrypts into new memory that the caller has to wipe; throws `TransportRejected` if the tag does not fit. */
export function openGcm(key: Uint8Array, { iv, ciphertext, tag, additional }: Sealed): Buffer {
  if (tag.length !== GCM.tagBytes) throw new RangeError(`expected a tag of ${GCM.tagBytes} bytes, got ${tag.length}`);
  const plaintext = decrypt(createSecretKey(key), { iv, additional, ciphertext, tag });
  // one error for each failure under a key: an RSA step, a content key's length, a tag (RFC 7516, 11.5)
  if (plaintext === undefined) throw rejected('expected a ciphertext that opens under the key, got another');
  return plaintext;
}

/** Encrypts under a fresh random IV. */
export function sealGcm(key: Uint8Array, plaintext: Uint8Array, additional: Uint8Array): Sealed {
  return encryptGcm(key, randomBytes(GCM.ivBytes), plaintext, additional);
}
