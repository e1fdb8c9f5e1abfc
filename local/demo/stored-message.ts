import { type ParsedMessage, parseMessage } from '../../lambda/message';

/** The end of a column whose body is in a body store, and what is before the version in the reference (ADR 0013). */
const TRAILER = 'share-vault body 1';
const BEFORE_VERSION = 37;
/** The shape of a final frame without content: marker, sequence number, nonce, length and tag. */
const EMPTY_FRAME = Buffer.alloc(40);
EMPTY_FRAME.writeUInt32BE(0xffffffff, 0);
EMPTY_FRAME.writeUInt32BE(1, 4);
EMPTY_FRAME.writeUInt32BE(1, 16);

/** Reads the message in a column; of one whose body is in a body store it reads the header, with an empty body. */
export function readStored(column: Buffer): ParsedMessage {
  const end = column.length - TRAILER.length;
  if (end < 1 || column.toString('latin1', end) !== TRAILER) return parseMessage(column);
  const head = column.subarray(0, end - 1 - column.readUInt8(end - 1) - BEFORE_VERSION);
  return parseMessage(Buffer.concat([head, EMPTY_FRAME]));
}
