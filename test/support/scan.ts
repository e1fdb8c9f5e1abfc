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

/** Bytes of a shape that lead to it in an index. */
const LEAD = 4;

/** Shapes of secrets by their first bytes: one pass over a text finds any of them, however many there are. */
export class SecretIndex {
  readonly #shapes: ReadonlyMap<number, readonly Buffer[]>;

  /** @param secrets each of at least 24 bytes */
  constructor(secrets: readonly Uint8Array[]) {
    this.#shapes = Map.groupBy(secrets.flatMap(shapesOf), (shape) => shape.readUInt32BE());
  }

  isIn(haystack: Buffer): boolean {
    let lead = 0;
    return haystack.some((byte, at) => {
      // the last four bytes
      lead = ((lead << 8) | byte) >>> 0;
      const start = at + 1 - LEAD;
      return start >= 0 && this.#shapes.get(lead)?.some((shape) => startsAt(haystack, start, shape)) === true;
    });
  }
}

function startsAt(haystack: Buffer, start: number, shape: Buffer): boolean {
  return shape.equals(haystack.subarray(start, start + shape.length));
}
