import { corrupt } from './errors';

const REPLACEMENT = '\ufffd';

/** Strict: bytes that are not well-formed UTF-8 are refused, and a byte order mark is a character like any other. */
export function decodeUtf8(bytes: Buffer, start: number, end: number, what: string): string {
  const text = bytes.toString('utf8', start, end);
  // malformed bytes decode to U+FFFD too; only U+FFFD itself re-encodes to the same bytes
  if (text.includes(REPLACEMENT) && !Buffer.from(text, 'utf8').equals(bytes.subarray(start, end))) {
    throw corrupt(`expected UTF-8 in the ${what}, got other bytes`);
  }
  return text;
}

/** Reads the texts within bytes. Decoding all bytes once is quicker than each text, if all are ASCII. */
export class TextReader {
  readonly #bytes: Buffer;
  /** `undefined` if a byte is not ASCII */
  readonly #ascii: string | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    const text = bytes.toString('utf8');
    // a malformed byte can decode to one character too
    if (text.length === bytes.length && !text.includes(REPLACEMENT)) this.#ascii = text;
  }

  /** Throws as `decodeUtf8`. */
  slice(start: number, end: number, what: string): string {
    return this.#ascii?.slice(start, end) ?? decodeUtf8(this.#bytes, start, end, what);
  }
}

/** A lone surrogate has no UTF-8: it would silently become another character, so it throws `TypeError`. */
export function encodeUtf8(text: string, what: string): Buffer {
  if (!text.isWellFormed()) throw new TypeError(`expected well-formed text in the ${what}, got a lone surrogate`);
  return Buffer.from(text, 'utf8');
}
