import { keyMemory } from '../contract/bytes';

/** Base64 of keys, as bytes in memory of their own: a string can't be wiped. */

export type Alphabet = 'base64' | 'base64url';

const COMMON = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const DIGITS = { base64: Buffer.from(`${COMMON}+/`), base64url: Buffer.from(`${COMMON}-_`) } as const;
const PADDING = 0x3d;

/** Returns the text in ASCII, padded only in `base64`; the caller wipes it. */
export function encodeBytes(bytes: Uint8Array, alphabet: Alphabet): Buffer {
  const digits = DIGITS[alphabet];
  const count = Math.ceil((bytes.length * 4) / 3);
  const text = keyMemory(alphabet === 'base64' ? Math.ceil(bytes.length / 3) * 4 : count);
  for (let at = 0; at < count; at += 1) text[at] = digits[sextet(bytes, at)] ?? 0;
  return text.fill(PADDING, count);
}

/** The n-th six bits; those after the end are 0. */
function sextet(bytes: Uint8Array, n: number): number {
  const bit = n * 6;
  const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
  return (pair >> (10 - (bit & 7))) & 63;
}

/**
 * Returns the bytes of a text in ASCII that is the one encoding of them, padded only in `base64`; `undefined` for any
 * other. The caller wipes the result and the text.
 */
export function decodeBytes(text: Uint8Array, alphabet: Alphabet): Buffer | undefined {
  const padding = alphabet === 'base64' ? paddingOf(text) : 0;
  const count = text.length - padding;
  const bytes = keyMemory(Math.floor((count * 3) / 4));
  let [bits, value, to] = [0, 0, 0];
  let valid = count % 4 !== 1 && (alphabet === 'base64url' || text.length % 4 === 0);
  for (let at = 0; at < count && valid; at += 1) {
    const digit = DIGITS[alphabet].indexOf(text[at] ?? 0);
    valid = digit >= 0;
    value = ((value << 6) | digit) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[to] = value >> bits;
    to += 1;
  }
  // spare bits would make a second encoding of the same bytes
  if (valid && (value & ((1 << bits) - 1)) === 0) return bytes;
  bytes.fill(0);
  return undefined;
}

function paddingOf(text: Uint8Array): number {
  return text.at(-1) !== PADDING ? 0 : text.at(-2) === PADDING ? 2 : 1;
}
