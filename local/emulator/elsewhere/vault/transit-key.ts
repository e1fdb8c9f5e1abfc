import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { vaultErrors } from './errors';

const KEY_BYTES = 32;
const IV = 12;
const TAG = 16;

/** A key of type `aes256-gcm96`. Its members are what a file stores. */
export interface TransitKey {
  readonly name: string;
  /** the first is version 1; base64 */
  readonly versions: string[];
  /** older versions open nothing */
  minDecryptionVersion: number;
  deletionAllowed: boolean;
}

export function createTransitKey(name: string): TransitKey {
  const key: TransitKey = { name, versions: [], minDecryptionVersion: 1, deletionAllowed: false };
  rotateTransitKey(key);
  return key;
}

export function rotateTransitKey(key: TransitKey): void {
  key.versions.push(randomBytes(KEY_BYTES).toString('base64'));
}

/** Encrypts with the newest version. Returns `vault:vN:` and the base64 of iv ‖ ciphertext ‖ tag. */
export function encryptTransit(key: TransitKey, plaintext: Uint8Array, associatedData: Uint8Array): string {
  const version = key.versions.length;
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', materialOf(key, version), iv, { authTagLength: TAG });
  cipher.setAAD(associatedData);
  const bytes = Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return `vault:v${version}:${bytes.toString('base64')}`;
}

/** Decrypts what `encryptTransit` made. Throws `VaultRefusal` with Vault's own texts, in the order of Vault's checks. */
export function decryptTransit(key: TransitKey, text: string, associatedData: Uint8Array): Buffer {
  const bytes = readCiphertext(key, text);
  if (bytes.value.length < IV + TAG) throw vaultErrors.badRequest('invalid ciphertext length');
  const end = bytes.value.length - TAG;
  const material = materialOf(key, bytes.version);
  const decipher = createDecipheriv('aes-256-gcm', material, bytes.value.subarray(0, IV), { authTagLength: TAG });
  decipher.setAAD(associatedData);
  decipher.setAuthTag(bytes.value.subarray(end));
  const plaintext = decipher.update(bytes.value.subarray(IV, end));
  try {
    decipher.final();
    return plaintext;
  } catch {
    throw vaultErrors.badRequest('cipher: message authentication failed');
  }
}

function readCiphertext(key: TransitKey, text: string): { readonly version: number; readonly value: Buffer } {
  if (!text.startsWith('vault:v')) throw vaultErrors.badRequest('invalid ciphertext: no prefix');
  const [number, base64] = text.slice('vault:v'.length).split(/:(.*)/s);
  if (number === undefined || base64 === undefined) {
    throw vaultErrors.badRequest('invalid ciphertext: wrong number of fields');
  }
  if (!/^\d{1,9}$/.test(number)) {
    throw vaultErrors.badRequest('invalid ciphertext: version number could not be decoded');
  }
  const version = Math.max(1, Number(number));
  if (version > key.versions.length) throw vaultErrors.badRequest('invalid ciphertext: version is too new');
  if (version < key.minDecryptionVersion) {
    throw vaultErrors.badRequest('ciphertext or signature version is disallowed by policy (too old)');
  }
  const value = decodeBase64(base64);
  if (value === undefined) throw vaultErrors.badRequest('invalid ciphertext: could not decode base64');
  return { version, value };
}

/** Decodes padded base64. Returns `undefined` for any other text. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function materialOf(key: TransitKey, version: number): Buffer {
  return Buffer.from(key.versions[version - 1] ?? '', 'base64');
}
