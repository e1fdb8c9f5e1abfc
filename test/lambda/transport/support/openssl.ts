import { spawnSync } from 'node:child_process';

/** Whether this machine has OpenSSL's command line, 3.0 or later. */
export function hasOpenssl(): boolean {
  const { stdout } = spawnSync('openssl', ['version'], { encoding: 'utf8' });
  return typeof stdout === 'string' && /^OpenSSL [3-9]\./.test(stdout);
}

/** Runs openssl with bytes as its input. Throws its error message. */
export function openssl(args: readonly string[], input: Uint8Array): Buffer {
  const { status, stdout, stderr } = spawnSync('openssl', args, { input });
  if (status !== 0) throw new Error(`openssl ${args[0] ?? ''} failed: ${stderr.toString()}`);
  return stdout;
}
