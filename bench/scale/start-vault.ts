import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { ScaleVault } from './vault-process';

/** Starts a vault with sealed wallets in another process, and ends it after the use. */
export async function withScaleVault<T>(wallets: number, use: (vault: ScaleVault) => Promise<T>): Promise<T> {
  const child = fork(join(__dirname, 'vault-process.ts'), [String(wallets)], { execArgv: ['--import', 'tsx'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const vault = await new Promise<ScaleVault>((resolve, reject) => {
      child.once('message', (message) => resolve(message as ScaleVault));
      child.once('exit', (code) => reject(new Error(`expected a vault, got exit ${code}`)));
    });
    return await use(vault);
  } finally {
    if (child.connected) child.disconnect();
    await ended;
  }
}
