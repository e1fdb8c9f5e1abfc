/** The reader's refusals: the bytes are not a message or were changed, or they are bound to another context. */
export type MessageErrorCode = 'MessageCorrupt' | 'ContextMismatch';

/**
 * The format's own error, so that this folder can be read and audited by itself; the wiring turns it into the
 * runtime's `VaultError` of the same name. Messages never hold a byte of the message or of the context.
 */
export class MessageError extends Error {
  override readonly name: MessageErrorCode;

  constructor(code: MessageErrorCode, message: string) {
    super(message);
    this.name = code;
  }
}

export function corrupt(message: string): MessageError {
  return new MessageError('MessageCorrupt', message);
}
