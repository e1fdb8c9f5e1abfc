import { keyMemory, wipe } from '../../contract/bytes';

/** Unpadded base64url (RFC 4648, section 5) from bytes to bytes: a string of a data key could not be wiped. */

const DIGITS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const SEXTETS = new Map([...DIGITS].map((code, value) => [code, value]));

/** Returns the digits as ASCII. The caller wipes them. */
export function encodeBase64urlBytes(bytes: Uint8Array): Buffer {
  const text = keyMemory(Math.ceil((bytes.length * 4) / 3));
  let [bits, value, to] = [0, 0, 0];
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    for (bits += 8; bits >= 6; to += 1) {
      bits -= 6;
      text[to] = DIGITS[(value >> bits) & 0x3f] ?? 0;
    }
  }
  if (bits > 0) text[to] = DIGITS[(value << (6 - bits)) & 0x3f] ?? 0;
  return text;
}

/**
 * Returns the bytes of digits, or `undefined` for any other text: padding, another alphabet, white space, spare bits. The
 * caller wipes the result.
 */
export function decodeBase64urlBytes(text: Uint8Array): Buffer | undefined {
  const bytes = keyMemory(Math.floor((text.length * 3) / 4));
  let [bits, value, to] = [0, 0, 0];
  let strict = text.length % 4 !== 1;
  for (const code of text) {
    const sextet = SEXTETS.get(code);
    strict &&= sextet !== undefined;
    value = ((value << 6) | (sextet ?? 0)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[to] = value >> bits;
      to += 1;
    }
  }
  // the last digit's bits beyond the last byte
  if (strict && (value & ((1 << bits) - 1)) === 0) return bytes;
  wipe(bytes);
  return undefined;
}
