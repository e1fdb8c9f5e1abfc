import { WORD_BYTES, withRandomBytes } from './random';

/**
 * Gives `use` bytes xor a mask, and returns its result xor the same mask. The mask is random, is used once and is overwritten,
 * and so are the masked bytes, from which it could be computed: copies that `use` leaves of its output say nothing about the
 * result. `use` must add a key stream and return new memory of the same length.
 */
export function withMask(bytes: Uint8Array, use: (masked: Buffer) => Buffer): Buffer {
  return withRandomBytes(bytes.length, (mask) => {
    const masked = Buffer.allocUnsafeSlow(bytes.length);
    try {
      masked.set(bytes);
      xorInto(masked, mask);
      const result = use(masked);
      xorInto(result, mask);
      return result;
    } finally {
      masked.fill(0);
    }
  });
}

/** Combines bytes with as many others, in place. Both begin at a word, as new memory does. */
function xorInto(bytes: Buffer, others: Buffer): void {
  const count = Math.floor(bytes.length / WORD_BYTES);
  // signed words: V8 keeps larger ones as objects of their own, which nothing would wipe
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, count);
  const otherWords = new Int32Array(others.buffer, others.byteOffset, count);
  for (let i = 0; i < count; i += 1) words[i] = (words[i] ?? 0) ^ (otherWords[i] ?? 0);
  for (let i = count * WORD_BYTES; i < bytes.length; i += 1) bytes[i] = (bytes[i] ?? 0) ^ (others[i] ?? 0);
}
