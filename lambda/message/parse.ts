import { ByteReader, view } from './bytes';
import { decodeContext } from './context';
import { readDataKeys } from './data-keys';
import { corrupt } from './errors';
import {
  COMMITMENT_BYTES,
  FRAMED,
  FRAME_LENGTH,
  MAX_CONTEXT_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_PLAINTEXT_BYTES,
  MESSAGE_ID_BYTES,
  type ParsedMessage,
  SUITE_ID,
  TAG_BYTES,
  VERSION,
} from './format';
import { FrameReader } from './frames';

/**
 * Reads a message's shape, to its last byte, without any key. Verifies nothing: the result is the message's own claim.
 * Throws `MessageCorrupt` for anything but one framed ESDK message of version 2 and suite 0x0478 within the limits of
 * format.ts.
 */
export function parseMessage(bytes: Uint8Array): ParsedMessage {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    throw corrupt(`expected a message of at most ${MAX_MESSAGE_BYTES} bytes, got ${bytes.length}`);
  }
  const input = view(bytes);
  const reader = new ByteReader(input);
  requireValue(reader.uint8('version'), VERSION, 'version');
  requireValue(reader.uint16('algorithm suite'), SUITE_ID, 'algorithm suite');
  const messageId = reader.take(MESSAGE_ID_BYTES, 'message id');
  const context = decodeContext(reader.take16('context', MAX_CONTEXT_BYTES));
  const dataKeys = readDataKeys(reader);
  requireValue(reader.uint8('content type'), FRAMED, 'content type');
  const frameLength = readFrameLength(reader);
  const commitment = reader.take(COMMITMENT_BYTES, 'commitment');
  const header = input.subarray(0, reader.offset);
  const headerTag = reader.take(TAG_BYTES, 'header tag');
  const body = reader.take(reader.left, 'body');
  const plaintextLength = readPlaintextLength(body, frameLength);
  return { context, dataKeys, messageId, frameLength, commitment, header, headerTag, body, plaintextLength };
}

function requireValue(got: number, expected: number, what: string): void {
  if (got !== expected) throw corrupt(`expected ${what} 0x${expected.toString(16)}, got 0x${got.toString(16)}`);
}

/** 0 would say that the body is unframed. */
function readFrameLength(reader: ByteReader): number {
  const frameLength = reader.uint32('frame length');
  if (frameLength >= 1 && frameLength <= FRAME_LENGTH) return frameLength;
  throw corrupt(`expected a frame length of 1 to ${FRAME_LENGTH}, got ${frameLength}`);
}

function readPlaintextLength(body: Buffer, frameLength: number): number {
  let length = 0;
  const frames = new FrameReader(body, frameLength);
  for (let frame = frames.next(); frame !== undefined; frame = frames.next()) length += frame.length;
  if (length <= MAX_PLAINTEXT_BYTES) return length;
  throw corrupt(`expected at most ${MAX_PLAINTEXT_BYTES} bytes of plaintext, got ${length}`);
}
