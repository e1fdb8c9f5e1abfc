import type { OtherKeyDescription } from '../../contract/elsewhere';
import { VaultError } from '../../contract/errors';
import type { OtherKey } from '../provider';

/** Creates the key of a description. */
export function createOtherKey({ type }: OtherKeyDescription): OtherKey {
  throw new VaultError('Misconfigured', `expected a key that this release has, got one of type ${type}`);
}
