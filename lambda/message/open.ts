import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { view } from './bytes';
import { requireContext } from './context';
import { corrupt, type MessageError } from './errors';
import { DATA_KEY_BYTES, type EncryptionContext, IV_BYTES, type ParsedMessage, TAG_BYTES } from './format';
import { type Frame, FrameReader, frameAdditional } from './frames';
import { decrypt, fits, HEADER_IV } from './gcm';
import { withMessageKeys } from './keys';

/**
 * Verifies the whole message and returns its plaintext, 0 to 65,536 bytes in memory of its own, the caller's to wipe.
 * Nothing is returned until all of it is verified; on a failure the decrypted bytes are wiped. The data key stays the
 * caller's. Throws `ContextMismatch` unless the message's context is exactly the expected one, else `MessageCorrupt`.
 */
export function openMessage(message: ParsedMessage, dataKey: Uint8Array, expected: EncryptionContext): Buffer {
  requireContext(message, expected);
  if (dataKey.length !== DATA_KEY_BYTES) {
    throw corrupt(`expected a data key of ${DATA_KEY_BYTES} bytes, got ${dataKey.length}`);
  }
  return openBody(message, verifiedKey(message, dataKey));
}

/** The key of the frames, once commitment and header are verified. */
function verifiedKey(message: ParsedMessage, dataKey: Uint8Array): KeyObject {
  return withMessageKeys(dataKey, message.messageId, ({ encryption, commitment }) => {
    // first of all: GCM by itself lets one ciphertext open under two keys
    if (!timingSafeEqual(commitment, message.commitment)) {
      throw corrupt('expected the commitment of the data key, got another');
    }
    if (!fits(encryption, HEADER_IV, message.header, message.headerTag)) throw wrongTag('header');
    return encryption;
  });
}

function openBody(message: ParsedMessage, key: KeyObject): Buffer {
  let plaintext: Buffer | undefined;
  let offset = 0;
  try {
    const frames = new FrameReader(message.body, message.frameLength);
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      const chunk = openFrame(message, frame, key);
      // a message of one frame, as the vault's are, needs no second buffer
      if (frame.final && frame.sequence === 1) plaintext = chunk;
      else moveTo((plaintext ??= Buffer.from(new ArrayBuffer(message.plaintextLength))), offset, chunk);
      offset += chunk.length;
    }
    // a changed input must not reveal the memory's former content
    if (plaintext?.length !== message.plaintextLength || offset !== message.plaintextLength) {
      throw corrupt(`expected ${message.plaintextLength} bytes of plaintext, got ${offset}`);
    }
    return plaintext;
  } catch (error) {
    plaintext?.fill(0);
    throw error;
  }
}

/** Decrypts one frame into memory of its own, the caller's to wipe. */
function openFrame(message: ParsedMessage, frame: Frame, key: KeyObject): Buffer {
  const { final, sequence, length } = frame;
  const body = view(message.body);
  const end = frame.ciphertext + length;
  const additional = frameAdditional(message.messageId, final, sequence, length);
  const iv = body.subarray(frame.iv, frame.iv + IV_BYTES);
  const ciphertext = body.subarray(frame.ciphertext, end);
  const chunk = decrypt(key, { iv, additional, ciphertext, tag: body.subarray(end, end + TAG_BYTES) });
  if (chunk === undefined) throw wrongTag(`frame ${sequence}`);
  return chunk;
}

function wrongTag(what: string): MessageError {
  return corrupt(`expected a tag that fits the ${what}, got another`);
}

function moveTo(plaintext: Buffer, offset: number, chunk: Buffer): void {
  chunk.copy(plaintext, offset);
  chunk.fill(0);
}
