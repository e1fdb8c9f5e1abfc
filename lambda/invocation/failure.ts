import { VaultError } from '../contract/errors';
import { MessageError } from '../message';

/** Converts a caught error to the only class that leaves the function; an unknown error leaves without its message. */
export function asVaultError(error: unknown): VaultError {
  if (error instanceof VaultError) return error;
  if (error instanceof MessageError) return new VaultError(error.name, error.message, { cause: error });
  return new VaultError('InternalError', 'unexpected failure', { cause: error });
}
