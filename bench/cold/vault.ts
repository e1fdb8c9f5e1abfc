import { fork } from 'node:child_process';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import type { FirstCall } from './start';
import type { ColdVault } from './vault-process';

/** Starts a vault in another process, and ends it after the use. */
export async function withColdVault<T>(use: (vault: ColdVault) => Promise<T>): Promise<T> {
  const child = fork(join(__dirname, 'vault-process.ts'), [], { execArgv: ['--import', 'tsx'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const vault = await new Promise<ColdVault>((resolve, reject) => {
      child.once('message', (message) => resolve(message as ColdVault));
      child.once('exit', (code) => reject(new Error(`expected a vault, got exit ${code}`)));
    });
    return await use(vault);
  } finally {
    if (child.connected) child.disconnect();
    await exited;
  }
}

/** The first call of an environment of `unseal`. */
export function unsealCall({ unseal, wallet }: ColdVault): FirstCall {
  const { kty, crv, x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  const recipient = { kty, crv, x };
  return { ...unseal, event: { kind: 'delegated-share', ...wallet, recipient, req: 'A'.repeat(22), reason: 'bench' } };
}
