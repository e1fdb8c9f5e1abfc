import { corrupt } from './errors';
import { decodeUtf8 } from './text';

/** The same memory as a `Buffer`. */
export function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads a message from its front. Every read is checked against the remaining length, and none copies. */
export class ByteReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = view(bytes);
  }

  get offset(): number {
    return this.#offset;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  uint8(what: string): number {
    return this.#bytes.readUInt8(this.skip(1, what));
  }

  uint16(what: string): number {
    return this.#bytes.readUInt16BE(this.skip(2, what));
  }

  uint32(what: string): number {
    return this.#bytes.readUInt32BE(this.skip(4, what));
  }

  take(length: number, what: string): Buffer {
    const start = this.skip(length, what);
    return this.#bytes.subarray(start, start + length);
  }

  /** A 2-byte length, then as many bytes. */
  take16(what: string, max = 0xffff): Buffer {
    const length = this.uint16(what);
    if (length > max) throw corrupt(`expected a ${what} of at most ${max} bytes, got ${length}`);
    return this.take(length, what);
  }

  /** A 2-byte length, then as many bytes of text. */
  text16(what: string): string {
    const length = this.uint16(what);
    const start = this.skip(length, what);
    return decodeUtf8(this.#bytes, start, start + length, what);
  }

  /** Skips the next bytes and returns the offset of their start. */
  skip(length: number, what: string): number {
    if (length > this.left) throw corrupt(`expected ${length} more bytes for the ${what}, got ${this.left}`);
    const start = this.#offset;
    this.#offset += length;
    return start;
  }
}

/** Fills a buffer from its front. */
export class ByteWriter {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The bytes written so far, in the same memory. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#offset);
  }

  uint8(value: number): this {
    this.#offset = this.#bytes.writeUInt8(value, this.#offset);
    return this;
  }

  uint16(value: number): this {
    this.#offset = this.#bytes.writeUInt16BE(value, this.#offset);
    return this;
  }

  uint32(value: number): this {
    this.#offset = this.#bytes.writeUInt32BE(value, this.#offset);
    return this;
  }

  /** A view of the next bytes, for someone else to fill. */
  skip(length: number): Buffer {
    const start = this.#offset;
    this.#offset += length;
    return this.#bytes.subarray(start, this.#offset);
  }

  put(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#offset);
    this.#offset += bytes.length;
    return this;
  }

  /** A 2-byte length, then the bytes. */
  put16(bytes: Uint8Array): this {
    return this.uint16(bytes.length).put(bytes);
  }
}
