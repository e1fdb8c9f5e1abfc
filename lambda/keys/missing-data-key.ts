import { VaultError } from '../contract/errors';

/**
 * `KeyUnavailable` of a message that no key of the vault wrapped a data key of. No service was asked, and none can help: it
 * is the message's fault, unlike a key that is disabled.
 */
export class MissingDataKeyError extends VaultError {
  constructor() {
    super('KeyUnavailable', 'expected a data key of the configured key, got none');
  }
}
