import { createCipheriv, randomBytes } from 'node:crypto';
import type { InboundHeader } from '../../../../lambda/contract/transport';
import type { InboundBinding } from '../../../../lambda/transport/inbound';
import type { LocalRsaKey } from './rsa-key';

export const NOW_MS = 1_800_000_000_000;
export const KID = 'intake-1';

export const BINDING: InboundBinding = {
  env: 'dev',
  kind: 'delegated-share',
  field: 'delegated_share',
  walletId: '7448d633-1c8a-4c23-aeea-bc7f2d34cbe3',
  userId: 'zoë/"1"',
  chain: 'EVM',
};

export const HEADER: InboundHeader = {
  alg: 'RSA-OAEP-256',
  enc: 'A256GCM',
  typ: 'share-vault-in',
  kid: KID,
  ...BINDING,
  iat: NOW_MS / 1_000,
  jti: 'AAAAAAAAAAAAAAAA',
};

export interface InboundParts {
  /** the protected header's bytes, by default HEADER's JSON */
  readonly header?: Uint8Array;
  readonly contentKey?: Uint8Array;
  /** wrapped instead of the content key */
  readonly wrapped?: Uint8Array;
}

/** An independent sender that can make every error. */
export function writeInbound(key: LocalRsaKey, material: Uint8Array, parts: InboundParts = {}): string {
  const { header = Buffer.from(JSON.stringify(HEADER)), contentKey = randomBytes(32) } = parts;
  const encodedHeader = Buffer.from(header).toString('base64url');
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv).setAAD(Buffer.from(encodedHeader));
  const ciphertext = Buffer.concat([cipher.update(material), cipher.final()]);
  const encryptedKey = key.wrap(parts.wrapped ?? contentKey);
  const binary = [encryptedKey, iv, ciphertext, cipher.getAuthTag()];
  return [encodedHeader, ...binary.map((part) => part.toString('base64url'))].join('.');
}

/** Returns the JWE with one part replaced, counted from 0. */
export function withPart(jwe: string, index: number, change: (part: string) => string): string {
  return jwe
    .split('.')
    .map((part, i) => (i === index ? change(part) : part))
    .join('.');
}

/** Returns the bytes with their last bit flipped, in base64url. */
export function flipLastBit(part: string): string {
  const bytes = Buffer.from(part, 'base64url');
  bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
  return bytes.toString('base64url');
}
