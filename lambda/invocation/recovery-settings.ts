import { decodeBase64 } from '../contract/bytes';
import { ELSEWHERE_ENV, ELSEWHERE_PATTERNS } from '../contract/elsewhere';
import { VaultError } from '../contract/errors';
import { type RecoveryPublicKey, readRecoveryKey, requireDistinctRecoveryKeys } from '../contract/recovery';
import type { RecoveryStatement } from '../store/recovery-keys';

/** Returns the recovery keys of a variable's value. Throws `TypeError`, "expected …, got …", which quotes no value. */
export function readRecoveryKeys(text: string): readonly RecoveryPublicKey[] {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0) {
    throw new TypeError('expected an object of recovery keys, got something else');
  }
  const keys = Object.entries(value).map(([name, publicKey], i) => readOne(name, publicKey, i + 1));
  requireDistinctRecoveryKeys(keys);
  return keys;
}

function readOne(name: string, publicKey: unknown, place: number): RecoveryPublicKey {
  const spki = typeof publicKey === 'string' ? decodeBase64(publicKey) : undefined;
  if (spki === undefined) throw new TypeError(`key ${place}: expected base64, got something else`);
  try {
    return readRecoveryKey(name, spki);
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(`key ${place}: ${error.message}`) : error;
  }
}

/** Throws `TypeError`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('expected JSON, got something else');
  }
}

/** Returns what a deploy says about the vault's recovery keys. Throws `Misconfigured` if a variable is malformed. */
export function readRecoveryStatement(source: NodeJS.ProcessEnv = process.env): RecoveryStatement {
  const { [ELSEWHERE_ENV.recoveryKeys]: keys, [ELSEWHERE_ENV.recoveryKeysChange]: change } = source;
  if (change !== undefined && !ELSEWHERE_PATTERNS.recoveryDigest.test(change)) {
    throw malformed(ELSEWHERE_ENV.recoveryKeysChange, 'expected a digest of 43 characters, got something else');
  }
  try {
    return { keys: keys === undefined ? [] : readRecoveryKeys(keys), change };
  } catch (error) {
    throw error instanceof TypeError ? malformed(ELSEWHERE_ENV.recoveryKeys, error.message) : error;
  }
}

function malformed(name: string, problem: string): VaultError {
  return new VaultError('Misconfigured', `environment variables: ${name}: ${problem}`);
}
