/** Fills bytes from a seed: two processes have the same material, and neither sent it to the other. */
export function fillSeeded(bytes: Uint8Array, seed: number): void {
  const next = generatorOf(seed);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = next();
}

/** Returns whether bytes are those of a seed, without a copy of either. */
export function isSeeded(bytes: Uint8Array, seed: number): boolean {
  const next = generatorOf(seed);
  return bytes.every((byte) => byte === next());
}

/** Mulberry32: a generator whose state is one number. */
function generatorOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 8) & 255;
  };
}
