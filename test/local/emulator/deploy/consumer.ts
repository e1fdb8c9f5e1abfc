import { join } from 'node:path';
import { Operation } from '../../../../lib/operation';

/** The folder of the released handlers. */
export const BUNDLES = join(__dirname, '..', '..', '..', '..', 'dist', 'lambda');

export const ENVIRONMENT = 'dev';
/** The consumers' roles, each with an actor: `signer`, `auditor`, `guard` freezes, and `second` thaws. */
export const BACKEND = 'backend';
export const WATCHER = 'watcher';
export const GUARD = 'guard';
export const SECOND = 'second';
/** The operations that `signer` may call. */
export const SIGNER = [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE, Operation.PROPERTIES];
