/** Bytes that may hold a secret, and base64url read strictly. */

/** Overwrites each buffer with zeros; ignores `undefined`, for use in a `finally`. */
export function wipe(...buffers: readonly (Uint8Array | undefined)[]): void {
  for (const buffer of buffers) buffer?.fill(0);
}

/**
 * Returns zeroed memory for a key. V8 keeps typed arrays of up to 64 bytes on its own heap, moves them there, and copies
 * them when native code asks for their memory: wiping would then miss a copy. It never does so with an `ArrayBuffer`.
 */
export function keyMemory(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(length));
}

/**
 * Decodes unpadded base64url that re-encodes to itself. Returns `undefined` for any other text (padding, other alphabets,
 * white space, spare bits). The result has memory of its own, never a slice of the shared pool, so wiping it
 * wipes all there is.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.allocUnsafeSlow(Math.floor((text.length * 3) / 4));
  bytes.write(text, 'base64url');
  if (bytes.toString('base64url') === text) return bytes;
  wipe(bytes);
  return undefined;
}

/**
 * Decodes base64url or base64 (RFC 4648, sections 5 and 4), padded or not, that re-encodes to itself: no white space, no
 * spare bits, one alphabet throughout. Anything else is `undefined`. The result has memory of its own.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const digits = text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : text;
  if (!/[+/]/.test(digits)) return decodeBase64url(digits);
  // the two alphabets differ in two digits
  return /[-_]/.test(digits) ? undefined : decodeBase64url(digits.replaceAll('+', '-').replaceAll('/', '_'));
}
