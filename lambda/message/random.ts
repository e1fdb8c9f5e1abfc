import { randomFillSync } from 'node:crypto';

/** Bytes made at once: each call of `node:crypto` takes some 3 µs, however few bytes it makes. */
const STOCK_BYTES = 16_384;
/** The bytes of a word: so many at a time are combined by exclusive or. */
export const WORD_BYTES = 4;

let stock: Buffer | undefined;
let used = 0;

/**
 * Gives `use` new random bytes, and overwrites them when it is done, however it ends. Their memory begins at a word. No
 * other call gets the same bytes.
 */
export function withRandomBytes<T>(length: number, use: (bytes: Buffer) => T): T {
  const bytes = take(length);
  try {
    return use(bytes);
  } finally {
    bytes.fill(0);
  }
}

function take(length: number): Buffer {
  // a long one is not worth keeping
  if (length > STOCK_BYTES / 4) return randomFillSync(Buffer.allocUnsafeSlow(length));
  if (stock === undefined || used + length > STOCK_BYTES) {
    // new memory: a call around this one may still use bytes of the former stock
    stock = randomFillSync(Buffer.allocUnsafeSlow(STOCK_BYTES));
    used = 0;
  }
  const start = used;
  used += Math.ceil(length / WORD_BYTES) * WORD_BYTES;
  return stock.subarray(start, start + length);
}
