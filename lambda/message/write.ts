import type { KeyObject } from 'node:crypto';
import { ByteWriter } from './bytes';
import { encodeContext } from './context';
import { encodeDataKeys } from './data-keys';
import {
  COMMITMENT_BYTES,
  DATA_KEY_BYTES,
  type EncryptionContext,
  FINAL_FRAME,
  FRAMED,
  FRAME_LENGTH,
  IV_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_PLAINTEXT_BYTES,
  MESSAGE_ID_BYTES,
  SUITE_ID,
  TAG_BYTES,
  VERSION,
  type WrappedDataKey,
} from './format';
import { frameAdditional } from './frames';
import { cipher, HEADER_IV } from './gcm';
import { withMessageKeys } from './keys';
import { withRandomBytes } from './random';

export interface NewMessage {
  /** 0 to 65,536 bytes */
  readonly plaintext: Uint8Array;
  /** 32 bytes, fresh for this message */
  readonly dataKey: Uint8Array;
  /** 1 to 8: the same data key under each key that may open the message */
  readonly wrapped: readonly WrappedDataKey[];
  readonly context: EncryptionContext;
}

/** Header and frame without context, data keys and ciphertext. */
const FIXED_BYTES =
  1 + 2 + MESSAGE_ID_BYTES + 2 + 1 + 4 + COMMITMENT_BYTES + TAG_BYTES + 4 + 4 + IV_BYTES + 4 + TAG_BYTES;
/** The one frame's sequence number and its IV. */
const SEQUENCE = 1;
const IV = Buffer.alloc(IV_BYTES);
IV.writeUInt32BE(SEQUENCE, IV_BYTES - 4);

/**
 * Writes a message of one final frame. The caller wipes the plaintext and the data key; derived keys are wiped here.
 * Throws `RangeError` if an input is beyond the limits of format.ts, `TypeError` if a text has no UTF-8: both are the
 * caller's mistakes.
 */
export function writeMessage({ plaintext, dataKey, wrapped, context }: NewMessage): Buffer {
  requireLength('data key', dataKey.length, DATA_KEY_BYTES, DATA_KEY_BYTES);
  requireLength('plaintext', plaintext.length, 0, MAX_PLAINTEXT_BYTES);
  const contextBytes = encodeContext(context);
  const dataKeys = encodeDataKeys(wrapped);
  const length = FIXED_BYTES + contextBytes.length + dataKeys.length + plaintext.length;
  requireLength('message', length, 0, MAX_MESSAGE_BYTES);

  const message = new ByteWriter(Buffer.allocUnsafeSlow(length)).uint8(VERSION).uint16(SUITE_ID);
  const messageId = message.skip(MESSAGE_ID_BYTES);
  withRandomBytes(MESSAGE_ID_BYTES, (bytes) => messageId.set(bytes));
  message.put16(contextBytes).put(dataKeys).uint8(FRAMED).uint32(FRAME_LENGTH);
  return withMessageKeys(dataKey, messageId, ({ encryption, commitment }) => {
    message.put(commitment);
    putHeaderTag(message, encryption);
    putFinalFrame(message, encryption, messageId, plaintext);
    return message.written;
  });
}

/** The tag over all that is written so far. */
function putHeaderTag(message: ByteWriter, key: KeyObject): void {
  const sealed = cipher(key, HEADER_IV, message.written);
  sealed.final();
  message.put(sealed.getAuthTag());
}

function putFinalFrame(message: ByteWriter, key: KeyObject, messageId: Buffer, plaintext: Uint8Array): void {
  const sealed = cipher(key, IV, frameAdditional(messageId, true, SEQUENCE, plaintext.length));
  message.uint32(FINAL_FRAME).uint32(SEQUENCE).put(IV).uint32(plaintext.length);
  message.put(sealed.update(plaintext));
  sealed.final();
  message.put(sealed.getAuthTag());
}

function requireLength(what: string, got: number, min: number, max: number): void {
  if (got >= min && got <= max) return;
  throw new RangeError(`expected a ${what} of ${min === max ? '' : `${min} to `}${max} bytes, got ${got}`);
}
