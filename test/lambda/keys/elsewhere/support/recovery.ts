import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { type RecoveryPublicKey, readRecoveryKey } from '../../../../../lambda/contract/recovery';

export const CONTEXT = new Map([
  ['environment', 'dev'],
  ['record', '3f2c6a0e-4d5b-4c1e-9a57-6f7a1b2c3d4e'],
  ['field', 'delegated_share'],
  ['chain', 'EVM'],
  ['owner', 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'],
]);

export const soon = (): AbortSignal => AbortSignal.timeout(30_000);

/** A recovery key with its private half, which the vault never has. */
export interface RecoveryPair {
  readonly key: RecoveryPublicKey;
  readonly privateKey: KeyObject;
}

export function newRecoveryPair(name: string, bits = 2048): RecoveryPair {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return { key: readRecoveryKey(name, publicKey.export({ format: 'der', type: 'spki' })), privateKey };
}
