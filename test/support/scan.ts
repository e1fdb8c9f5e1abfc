/** Finding a secret's bytes in whatever a process wrote or holds. */

/** Bytes of a secret that a pattern is made of: long enough never to be met by chance. */
const WINDOW = 24;

/**
 * The shapes in which a secret's bytes could show: raw, which is also text in UTF-8, text in UTF-16, hex, base64 and base64url at each alignment, a Buffer as the
 * inspector prints it, a list of numbers as JSON does. Each is made of the secret's first bytes and of its last.
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

/** How many of the secrets show in these bytes. */
export function countSecrets(haystack: Buffer, secrets: readonly Uint8Array[]): number {
  return secrets.filter((secret) => shapesOf(secret).some((shape) => haystack.includes(shape))).length;
}
