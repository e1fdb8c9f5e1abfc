/**
 * Returns the CRC-32C of bytes, bit by bit: an implementation of its own, so that a fault in that of the callers shows.
 */
export function crc32c(bytes: Uint8Array): number {
  let sum = 0xffff_ffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = ((sum ^ (byte >> bit)) & 1) === 1;
      sum = odd ? (sum >>> 1) ^ 0x82f6_3b78 : sum >>> 1;
    }
  }
  return ~sum >>> 0;
}
