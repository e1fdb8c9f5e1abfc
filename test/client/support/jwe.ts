import {
  createCipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto';
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose';
import type { RecipientJwk } from '../../../lambda/contract/transport';

export type Header = Readonly<Record<string, unknown>>;

/** Creates a valid JWE to a recipient with jose, with further members in the header. */
export async function toRecipient(material: Uint8Array, header: Header, recipient: RecipientJwk): Promise<string> {
  const key = await importJWK({ ...recipient }, 'ECDH-ES');
  return new CompactEncrypt(material).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', ...header }).encrypt(key);
}

/** Creates a JWE with an algorithm that recipients need not accept. */
export async function underAlgorithm(alg: string, material: Uint8Array, header: Header, key: unknown): Promise<string> {
  const jwe = new CompactEncrypt(material).setProtectedHeader({ enc: 'A256GCM', ...header, alg });
  return jwe.encrypt(key as Uint8Array);
}

/** Creates an unencrypted JWE that declares itself unencrypted. */
export function unencrypted(material: Uint8Array, header: Header): string {
  const parts = [JSON.stringify({ enc: 'A256GCM', ...header, alg: 'none' }), '', '', material, ''];
  return parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
}

/** Creates ECDH-ES over P-256 by hand (RFC 7518, 4.6), for an `epk` that jose does not write. It decrypts with any `epk`. */
export function withEpk(
  material: Uint8Array,
  header: Header,
  recipient: RecipientJwk,
  change: (epk: object) => unknown,
): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const theirs = createPublicKey({ key: { ...recipient }, format: 'jwk' });
  const contentKey = concatKdf(diffieHellman({ publicKey: theirs, privateKey }));
  const epk = change(publicKey.export({ format: 'jwk' }));
  const protectedHeader = base64url(JSON.stringify({ alg: 'ECDH-ES', enc: 'A256GCM', ...header, epk }));
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv, { authTagLength: 16 });
  cipher.setAAD(Buffer.from(protectedHeader));
  const ciphertext = Buffer.concat([cipher.update(material), cipher.final()]);
  return [protectedHeader, '', base64url(iv), base64url(ciphertext), base64url(cipher.getAuthTag())].join('.');
}

function concatKdf(secret: Buffer): Buffer {
  const enc = Buffer.from('A256GCM');
  const parts = [uint32(1), secret, uint32(enc.length), enc, uint32(0), uint32(0), uint32(256)];
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** Opens a material as the vault does, only with RSA-OAEP-256 and A256GCM. */
export async function openInbound(jwe: string, key: Parameters<typeof compactDecrypt>[1]) {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, key, {
    keyManagementAlgorithms: ['RSA-OAEP-256'],
    contentEncryptionAlgorithms: ['A256GCM'],
  });
  return { material: plaintext, header: protectedHeader as Header };
}
