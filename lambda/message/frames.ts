import { ByteReader, ByteWriter } from './bytes';
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
 * Throws `MessageCorrupt` if a sequence number, its IV or a length is wrong, and for trailing bytes.
 */
export function* readFrames(body: Uint8Array, frameLength: number): Generator<Frame, void, undefined> {
  const reader = new ByteReader(body);
  for (let sequence = 1, final = false; !final; sequence++) {
    const first = reader.uint32('sequence number');
    final = first === FINAL_FRAME;
    const numbered = final ? reader.uint32('sequence number') : first;
    if (numbered !== sequence) throw corrupt(`expected frame ${sequence}, got ${numbered}`);
    const iv = readIv(reader, sequence);
    // the last frame's length is its own
    const length = final ? reader.uint32('final frame length') : frameLength;
    if (length > frameLength) throw corrupt(`expected a final frame of at most ${frameLength} bytes, got ${length}`);
    const ciphertext = reader.skip(length, 'frame');
    reader.skip(TAG_BYTES, 'frame tag');
    yield { final, sequence, iv, ciphertext, length };
  }
  if (reader.left > 0) throw corrupt(`expected the end of the message, got ${reader.left} more bytes`);
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

const REGULAR_TEXT = Buffer.from('AWSKMSEncryptionClient Frame', 'latin1');
const FINAL_TEXT = Buffer.from('AWSKMSEncryptionClient Final Frame', 'latin1');

/** Returns the additional data of a frame's tag; `length` is the plaintext's. */
export function frameAdditional(messageId: Uint8Array, final: boolean, sequence: number, length: number): Buffer {
  const text = final ? FINAL_TEXT : REGULAR_TEXT;
  const writer = new ByteWriter(Buffer.allocUnsafe(MESSAGE_ID_BYTES + text.length + 4 + 8));
  // the length has 8 bytes, of which no frame of the vault's needs the upper 4
  return writer.put(messageId).put(text).uint32(sequence).uint32(0).uint32(length).written;
}
