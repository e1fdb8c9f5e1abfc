import { VaultError } from '../contract/errors';

/** `KeyUnavailable` of a key that a record is sealed under: disabled, deleted, or of no use to the function. */
export class UnusableKeyError extends VaultError {
  constructor(
    readonly keyId: string,
    { message, cause }: VaultError,
  ) {
    super('KeyUnavailable', `${message}: ${keyId}`, { cause });
  }
}
