import { createCipheriv, randomBytes } from 'node:crypto';

export interface Envelope {
  readonly alg: string;
  readonly iv: string;
  readonly ct: string;
  readonly tag: string;
  readonly ek: string;
}

/** An independent sender that can make errors. */
export function writeHybrid(secret: Uint8Array, wrap: (contentKey: Uint8Array) => Buffer, ivBytes = 16): Envelope {
  const [contentKey, iv] = [randomBytes(32), randomBytes(ivBytes)];
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv);
  const ct = Buffer.concat([cipher.update(secret), cipher.final()]);
  return {
    alg: 'HYBRID-RSA-AES-256',
    iv: iv.toString('base64url'),
    ct: ct.toString('base64url'),
    tag: cipher.getAuthTag().toString('base64url'),
    ek: wrap(contentKey).toString('base64url'),
  };
}
