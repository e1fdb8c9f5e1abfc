import { VaultError } from '../contract/errors';

/** What arrived can't be accepted. The message names a part or a member, never a value: a sender may have erred. */
export function rejected(message: string): VaultError {
  return new VaultError('TransportRejected', message);
}

/**
 * The one answer to all that goes wrong under a key: an RSA step that fails, a content key of the wrong length, a tag
 * that does not fit. Whoever could tell them apart could question the key (RFC 7516, 11.5).
 */
export function unreadable(): VaultError {
  return rejected('expected a ciphertext that opens under the key, got another');
}
