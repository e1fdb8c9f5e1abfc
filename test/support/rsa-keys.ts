import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder } from './run';

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * Returns an RSA key pair of this size, the same for all suites of the run: one of 4096 bits takes seconds to make. For
 * tests that need any key, and no second one of that size.
 */
export function rsaKeyPair(modulusLength: number): KeyPair {
  const file = join(runFolder('rsa'), `${modulusLength}.pem`);
  if (!existsSync(file)) makeKey(modulusLength, file);
  const privateKey = createPrivateKey(readFileSync(file));
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function makeKey(modulusLength: number, file: string): void {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
  const whole = `${file}-${process.pid}`;
  writeFileSync(whole, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  renameSync(whole, file);
}
