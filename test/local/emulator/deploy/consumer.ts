import { join } from 'node:path';
import { Operation } from '../../../../lib/operation';

/** The handlers that ship. */
export const BUNDLES = join(__dirname, '..', '..', '..', '..', 'dist', 'lambda');

export const ENVIRONMENT = 'dev';
/** Consumers' roles, by name: one acts as `signer`, the other as `auditor`. */
export const BACKEND = 'backend';
export const WATCHER = 'watcher';
/** What `signer` may be asked for. */
export const SIGNER = [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE, Operation.PROPERTIES];
