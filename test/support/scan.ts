/** Finds a secret's bytes in a process's output or memory. */

/** Length of a pattern in bytes of a secret: long enough never to occur by chance. */
const WINDOW = 24;

/**
 * Returns the forms of a secret's first and last bytes: raw (also UTF-8), UTF-16, hex, base64 and base64url at each
 * alignment, a Buffer as the inspector prints it, and a list of numbers as in JSON.
 */
export function shapesOf(secret: Uint8Array): readonly Buffer[] {
  const bytes = Buffer.from(secret);
  const windows = [bytes.subarray(0, WINDOW), bytes.subarray(-WINDOW)];
  return windows.flatMap((window) => [
    window,
    ...[0, 1, 2].flatMap((skip) => {
      const aligned = window.subarray(skip, skip + Math.floor((window.length - skip) / 3) * 3);
      return [Buffer.from(aligned.toString('base64')), Buffer.from(aligned.toString('base64url'))];
    }),
    Buffer.from(window.toString('hex')),
    Buffer.from(window.toString('hex').toUpperCase()),
    Buffer.from(window.toString('hex').replace(/..(?!$)/g, '$& ')),
    Buffer.from([...window].join(',')),
    Buffer.from(window.toString('latin1'), 'utf16le'),
  ]);
}

/** Returns the number of secrets that occur in these bytes. */
export function countSecrets(haystack: Buffer, secrets: readonly Uint8Array[]): number {
  return secrets.filter((secret) => shapesOf(secret).some((shape) => haystack.includes(shape))).length;
}
