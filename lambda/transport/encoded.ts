import { GCM, LIMITS, RSA_MODULUS_BITS } from '../contract/limits';
import { decodeBase64, decodeBase64url } from '../contract/bytes';
import { rejected } from './members';

/** The valid lengths of a field in bytes: `min` to `max`, in steps of `step`, by default 1. */
export interface Lengths {
  readonly min: number;
  readonly max: number;
  readonly step?: number;
}

export const LENGTHS = {
  /** ciphertexts of RSA keys of 2048, 3072 and 4096 bits */
  wrappedKey: { min: RSA_MODULUS_BITS[0] / 8, max: RSA_MODULUS_BITS[2] / 8, step: 128 },
  contentKey: { min: GCM.keyBytes, max: GCM.keyBytes },
  iv: { min: GCM.ivBytes, max: GCM.ivBytes },
  /** of GCM a ciphertext is as long as its plaintext */
  ciphertext: { min: 1, max: LIMITS.materialBytes },
  tag: { min: GCM.tagBytes, max: GCM.tagBytes },
} as const satisfies Record<string, Lengths>;

/** Characters of unpadded base64url that so many bytes take. */
export function encodedChars(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

/** Decodes unpadded base64url that has one spelling, of a length that is allowed. Throws `TransportRejected`. */
export function readEncoded(text: string, what: string, lengths: Lengths): Buffer {
  // before anything is allocated
  if (text.length > encodedChars(lengths.max)) throw tooLong(what, lengths);
  const bytes = decodeBase64url(text);
  if (bytes === undefined) throw rejected(`${what}: expected canonical base64url without padding, got another text`);
  return requireLength(bytes, what, lengths);
}

/** The same for base64url and base64, padded or not: senders of envelopes use any of them. */
export function readAnyEncoded(text: string, what: string, lengths: Lengths): Buffer {
  if (text.length > Math.ceil(lengths.max / 3) * 4) throw tooLong(what, lengths);
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw rejected(`${what}: expected canonical base64url or base64, got another text`);
  return requireLength(bytes, what, lengths);
}

function requireLength(bytes: Buffer, what: string, lengths: Lengths): Buffer {
  const { min, max, step = 1 } = lengths;
  if (bytes.length >= min && bytes.length <= max && (bytes.length - min) % step === 0) return bytes;
  throw rejected(`${what}: expected ${describe(lengths)}, got ${bytes.length}`);
}

function tooLong(what: string, { max }: Lengths): Error {
  return rejected(`${what}: expected at most ${max} bytes, got more`);
}

function describe({ min, max, step = 1 }: Lengths): string {
  if (min === max) return `${min} bytes`;
  return step === 1 ? `${min} to ${max} bytes` : `${min} to ${max} bytes in steps of ${step}`;
}
