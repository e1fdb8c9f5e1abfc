import { join } from 'node:path';
import { Operation } from '../../../../lib/operation';

/** The folder of the released handlers. */
export const BUNDLES = join(__dirname, '..', '..', '..', '..', 'dist', 'lambda');

export const ENVIRONMENT = 'dev';
/** The consumers' roles: the first acts as `signer`, the second as `auditor`. */
export const BACKEND = 'backend';
export const WATCHER = 'watcher';
/** The operations that `signer` may call. */
export const SIGNER = [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE, Operation.PROPERTIES];
