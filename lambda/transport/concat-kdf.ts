import { hash } from 'node:crypto';
import { keyMemory, wipe } from '../contract/bytes';

const SHA256_BYTES = 32;

/** The use of a derived key (RFC 7518, 4.6.2). */
export interface KeyUse {
  /** `enc` with direct agreement */
  readonly algorithm: string;
  /** length of the derived key, at most 32 bytes */
  readonly keyBytes: number;
  /** `apu` and `apv`, decoded; empty by default */
  readonly partyU?: Uint8Array;
  readonly partyV?: Uint8Array;
}

/**
 * The Concat KDF of NIST SP 800-56A with SHA-256, one round, as RFC 7518, 4.6.2 uses it. The caller wipes the secret
 * and the result.
 */
export function concatKdf(secret: Uint8Array, use: KeyUse): Buffer {
  const { algorithm, keyBytes, partyU = new Uint8Array(), partyV = new Uint8Array() } = use;
  if (keyBytes > SHA256_BYTES) throw new RangeError(`expected at most ${SHA256_BYTES} bytes, got ${keyBytes}`);
  const info = [Buffer.from(algorithm, 'latin1'), partyU, partyV].flatMap((text) => [uint32(text.length), text]);
  const parts = [uint32(1), secret, ...info, uint32(keyBytes * 8)];
  const input = keyMemory(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    input.set(part, offset);
    offset += part.length;
  }
  try {
    // unlike a `Hash`, it keeps no digest of its own
    return hash('sha256', input, 'buffer').subarray(0, keyBytes);
  } finally {
    wipe(input);
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
