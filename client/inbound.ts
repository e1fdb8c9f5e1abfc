import {
  type KeyObject,
  constants,
  createCipheriv,
  publicEncrypt,
  randomBytes,
  randomFillSync,
  randomUUID,
} from 'node:crypto';
import { FIELDS, type InboundHeader, type MaterialName, TRANSPORT_IN } from '../lambda/contract/api';
import type { IntakeKey } from './intake-key';

/** What a material is bound to on its way in, beside its own field. */
export type InboundBinding = Pick<InboundHeader, 'env' | 'kind' | 'walletId' | 'userId' | 'chain'>;

/** Encrypts one material to an intake key: a compact JWE that is good for ten minutes from its `iat` and for one record. */
export function sealInbound(name: MaterialName, material: Uint8Array, binding: InboundBinding, to: IntakeKey): string {
  const { env, kind, walletId, userId, chain } = binding;
  const header: InboundHeader = {
    alg: 'RSA-OAEP-256',
    enc: 'A256GCM',
    typ: TRANSPORT_IN,
    kid: to.kid,
    env,
    kind,
    field: FIELDS[name],
    walletId,
    userId,
    chain,
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
  };
  return encrypt(material, header, to.publicKey);
}

/** With `node:crypto` rather than jose, whose writer was measured to leave a copy of the plaintext behind. */
function encrypt(material: Uint8Array, header: InboundHeader, publicKey: KeyObject): string {
  // V8 keeps typed arrays of up to 64 bytes on its heap and copies them, but for those with an `ArrayBuffer` of their own
  const contentKey = randomFillSync(Buffer.from(new ArrayBuffer(32)));
  try {
    const encryptedKey = publicEncrypt(
      { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
      contentKey,
    );
    const iv = randomBytes(12);
    const protectedHeader = Buffer.from(JSON.stringify(header), 'utf8').toString('base64url');
    const cipher = createCipheriv('aes-256-gcm', contentKey, iv, { authTagLength: 16 });
    cipher.setAAD(Buffer.from(protectedHeader, 'ascii'));
    const ciphertext = Buffer.concat([cipher.update(material), cipher.final()]);
    const rest = [encryptedKey, iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
    return [protectedHeader, ...rest].join('.');
  } finally {
    contentKey.fill(0);
  }
}
