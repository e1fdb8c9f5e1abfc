import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Scope } from './scope';

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Returns the SHA-256, in hex, of bytes or of a byte string. */
export function sha256Hex(data: Uint8Array | string): string {
  const hash = createHash('sha256');
  return (typeof data === 'string' ? hash.update(data, 'latin1') : hash.update(data)).digest('hex');
}

/** Returns the signature (32 bytes) of a canonical request by a secret access key. */
export function signatureOf(request: string, timestamp: string, scope: Scope, secretAccessKey: string): Buffer {
  const { date, region, service } = scope;
  const text = [ALGORITHM, timestamp, `${date}/${region}/${service}/aws4_request`, sha256Hex(request)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`));
  return hmac(key, text);
}

/** Returns true if a signature in hex is the expected one. Compares in constant time. */
export function isSignature(claimed: string, signature: Buffer): boolean {
  return /^[0-9a-f]{64}$/.test(claimed) && timingSafeEqual(Buffer.from(claimed, 'hex'), signature);
}

/** Returns true if two texts of any length are equal. Compares in constant time. */
export function equalTexts(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
