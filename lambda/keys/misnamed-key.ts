import { VaultError } from '../contract/errors';

/**
 * `KeyUnavailable` of a key that the message names, while the record's row names another one: the fault of that record only,
 * whichever key the row names.
 */
export class MisnamedKeyError extends VaultError {
  constructor(keyId: string, { message, cause }: VaultError) {
    super('KeyUnavailable', `${message}: another key than ${keyId}, which the row of the record names`, { cause });
  }
}
