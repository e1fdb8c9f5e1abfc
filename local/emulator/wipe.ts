/** Overwrites each buffer with zeros; skips `undefined`, so that a `finally` can call it. */
export function wipe(...buffers: readonly (Uint8Array | undefined)[]): void {
  for (const buffer of buffers) buffer?.fill(0);
}
