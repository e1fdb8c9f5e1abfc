import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { IV_BYTES, TAG_BYTES } from '../sizes';

export const VERSION_STATES = ['ENABLED', 'DISABLED', 'DESTROY_SCHEDULED', 'DESTROYED'] as const;
export type VersionState = (typeof VERSION_STATES)[number];

export interface KeyVersion {
  /** 1, 2, 3, … */
  readonly number: number;
  readonly createdAt: Date;
  state: VersionState;
  /** 32 bytes; overwritten when the version is destroyed */
  readonly material: Buffer;
}

/** A symmetric key of Cloud KMS. Its newest version is the primary one. */
export interface CryptoKey {
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K` */
  readonly name: string;
  readonly versions: KeyVersion[];
}

/** Form of a ciphertext here: this byte, the version's number in 4 bytes, iv 12, ciphertext, tag 16. Google's is secret. */
const FORM = 0x0a;
const IV_AT = 5;
const MIN_BYTES = IV_AT + IV_BYTES + TAG_BYTES;

export function encrypt(version: KeyVersion, plaintext: Uint8Array, additionalData: Uint8Array): Buffer {
  const head = Buffer.from([FORM, 0, 0, 0, 0]);
  head.writeUInt32BE(version.number, 1);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', version.material, iv);
  cipher.setAAD(Buffer.concat([head, additionalData]));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, iv, sealed, cipher.getAuthTag()]);
}

/** Returns the version that a ciphertext names; undefined if the key has no such version. */
export function versionOf({ versions }: CryptoKey, ciphertext: Buffer): KeyVersion | undefined {
  if (ciphertext.length < MIN_BYTES || ciphertext[0] !== FORM) return undefined;
  const named = ciphertext.readUInt32BE(1);
  return versions.find(({ number }) => number === named);
}

/** Returns undefined if the ciphertext or the additional data are others than at its encryption. */
export function decrypt(version: KeyVersion, ciphertext: Buffer, additionalData: Uint8Array): Buffer | undefined {
  const iv = ciphertext.subarray(IV_AT, IV_AT + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', version.material, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([ciphertext.subarray(0, IV_AT), additionalData]));
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  const opened = decipher.update(ciphertext.subarray(IV_AT + IV_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return opened;
  } catch {
    opened.fill(0);
    return undefined;
  }
}
