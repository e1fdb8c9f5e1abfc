import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { wipe } from '../../wipe';
import { kmsErrors } from './errors';
import type { Key } from './key';

/**
 * The ciphertext format of `Encrypt` and `GenerateDataKey`; opaque to clients, as in AWS. Integers are big-endian:
 * version 1 (1 byte) · key id (16) · number of the key material, from 0 (2) · iv (12) · tag (16) · ciphertext.
 * AES-256-GCM; additional data: the version, key id and material number, then the encryption context.
 */
const VERSION = 1;
const HEADER = 19;
const IV = 12;
const TAG = 16;

export type EncryptionContext = Readonly<Record<string, string>>;

export function encryptSymmetric(key: Key, plaintext: Uint8Array, context: EncryptionContext): Buffer {
  const number = key.materials.length - 1;
  const header = Buffer.alloc(HEADER, VERSION);
  idBytes(key.id).copy(header, 1);
  header.writeUInt16BE(number, 17);
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', materialOf(key, number), iv, { authTagLength: TAG });
  cipher.setAAD(Buffer.concat([header, contextBytes(context)]));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), ciphertext]);
}

/** Returns the key id in a ciphertext, not verified; undefined if the format is another. */
export function keyIdOf(blob: Buffer): string | undefined {
  if (blob.length < HEADER + IV + TAG || blob[0] !== VERSION) return undefined;
  return blob.toString('hex', 1, 17).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Returns the number of the material in a ciphertext, from 0. */
export function materialNumberOf(blob: Buffer): number {
  return blob.readUInt16BE(17);
}

/** Decrypts a ciphertext. The caller wipes the result. Throws `InvalidCiphertextException`. */
export function decryptSymmetric(key: Key, blob: Buffer, context: EncryptionContext): Buffer {
  const header = blob.subarray(0, HEADER);
  const [iv, tag, ciphertext] = [
    blob.subarray(HEADER, HEADER + IV),
    blob.subarray(HEADER + IV, HEADER + IV + TAG),
    blob.subarray(HEADER + IV + TAG),
  ];
  const material = materialOf(key, materialNumberOf(header));
  const decipher = createDecipheriv('aes-256-gcm', material, iv, { authTagLength: TAG });
  decipher.setAAD(Buffer.concat([header, contextBytes(context)]));
  decipher.setAuthTag(tag);
  const plaintext = Buffer.allocUnsafeSlow(ciphertext.length);
  const opened = decipher.update(ciphertext);
  opened.copy(plaintext);
  wipe(opened);
  try {
    decipher.final();
    return plaintext;
  } catch {
    wipe(plaintext);
    throw kmsErrors.invalidCiphertext();
  }
}

function materialOf(key: Key, number: number): Buffer {
  const material = key.materials[number];
  if (material === undefined) throw kmsErrors.invalidCiphertext();
  return material.bytes;
}

function idBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

/**
 * Encodes a context: each name and value after its length, sorted by the bytes of the names. Different contexts have
 * different encodings.
 */
function contextBytes(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context)
    .map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const)
    .sort(([one], [other]) => one.compare(other));
  return Buffer.concat(
    pairs.flat().flatMap((bytes) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
