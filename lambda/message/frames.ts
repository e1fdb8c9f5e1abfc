import { ByteReader } from './bytes';
import { corrupt } from './errors';
import { FINAL_FRAME, MESSAGE_ID_BYTES, TAG_BYTES } from './format';

/** One frame, by its offsets in the body. */
export interface Frame {
  readonly final: boolean;
  /** 1, 2, 3, … */
  readonly sequence: number;
  /** offset of the IV: the sequence number in 12 bytes */
  readonly iv: number;
  /** offset of the ciphertext; the tag follows it */
  readonly ciphertext: number;
  /** of the ciphertext, in bytes */
  readonly length: number;
}

/**
 * Walks a message's frames and keeps none: a body of two thousand takes hardly more memory than one of a single frame.
 * `next` throws `MessageCorrupt` if a sequence number, its IV or a length is wrong, and for trailing bytes.
 */
export class FrameReader {
  readonly #reader: ByteReader;
  readonly #frameLength: number;
  #sequence = 0;
  #ended = false;

  constructor(body: Uint8Array, frameLength: number) {
    this.#reader = new ByteReader(body);
    this.#frameLength = frameLength;
  }

  /** Returns the next frame, `undefined` after the final one. */
  next(): Frame | undefined {
    if (this.#ended) return undefined;
    const reader = this.#reader;
    const sequence = (this.#sequence += 1);
    const first = reader.uint32('sequence number');
    const final = first === FINAL_FRAME;
    const numbered = final ? reader.uint32('sequence number') : first;
    if (numbered !== sequence) throw corrupt(`expected frame ${sequence}, got ${numbered}`);
    const iv = readIv(reader, sequence);
    // the last frame's length is its own
    const length = final ? reader.uint32('final frame length') : this.#frameLength;
    if (length > this.#frameLength) {
      throw corrupt(`expected a final frame of at most ${this.#frameLength} bytes, got ${length}`);
    }
    const ciphertext = reader.skip(length, 'frame');
    reader.skip(TAG_BYTES, 'frame tag');
    if (final && reader.left > 0) throw corrupt(`expected the end of the message, got ${reader.left} more bytes`);
    this.#ended = final;
    return { final, sequence, iv, ciphertext, length };
  }
}

/** No tag covers the serialized IV: unchecked, its bits could be flipped unnoticed. */
function readIv(reader: ByteReader, sequence: number): number {
  const start = reader.offset;
  const high = reader.uint32('frame IV') | reader.uint32('frame IV');
  if (high !== 0 || reader.uint32('frame IV') !== sequence) {
    throw corrupt(`expected the IV of frame ${sequence}, got another`);
  }
  return start;
}

/** The additional data of regular and of final frames, but for what `frameAdditional` fills in. */
const REGULAR = Buffer.concat([Buffer.alloc(MESSAGE_ID_BYTES), Buffer.from('AWSKMSEncryptionClient Frame'), Buffer.alloc(12)]); // prettier-ignore
const FINAL = Buffer.concat([Buffer.alloc(MESSAGE_ID_BYTES), Buffer.from('AWSKMSEncryptionClient Final Frame'), Buffer.alloc(12)]); // prettier-ignore

/**
 * Returns the additional data of a frame's tag, in memory that the next call uses again; `length` is the plaintext's. The
 * length has 8 bytes, of which no frame of the vault's needs the upper 4.
 */
export function frameAdditional(messageId: Uint8Array, final: boolean, sequence: number, length: number): Buffer {
  const additional = final ? FINAL : REGULAR;
  additional.set(messageId);
  additional.writeUInt32BE(sequence, additional.length - 12);
  additional.writeUInt32BE(length, additional.length - 4);
  return additional;
}
