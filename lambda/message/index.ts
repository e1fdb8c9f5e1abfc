/** The sealed format: AWS Encryption SDK message format, version 2, suite 0x0478, with `node:crypto` only. */
export type { EncryptionContext, WrappedDataKey, ParsedMessage } from './format';
export type { NewMessage } from './write';
export { MessageError } from './errors';
export { parseMessage } from './parse';
export { encodeContext, requireContext } from './context';
export { openMessage } from './open';
export { writeMessage } from './write';
