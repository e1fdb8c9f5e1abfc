import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { LocalVault } from '../../local/vault';
import { runSteps } from '../../tools/first-deploy/run';
import { startTestVault } from '../e2e/harness';
import { useEndpoint } from '../support/use-endpoint';

const ROOT = join(__dirname, '..', '..');

let vault: LocalVault;
beforeAll(async () => {
  vault = await startTestVault();
  useEndpoint(vault);
});
afterAll(() => vault.close());

async function run(json: boolean): Promise<{ readonly code: number; readonly printed: string }> {
  let printed = '';
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      printed += String(chunk);
      done();
    },
  });
  const code = await runSteps({ environment: 'local', actor: 'signer', auditor: 'auditor', region: undefined, json }, out); // prettier-ignore
  return { code, printed };
}

describe('the script of the first deploy', () => {
  test.each([[[]], [['--environment', 'dev']], [['--environment', 'dev', '--actors', 'backend']]])(
    'prints its usage and ends with exit code 2 for %j',
    (args) => {
      const script = ['--import', 'tsx', 'tools/first-deploy/main.ts', ...args];
      const { status, stderr } = spawnSync(process.execPath, script, { cwd: ROOT, encoding: 'utf8' });

      expect(stderr).toContain('npx --no-install tsx tools/first-deploy/main.ts --environment NAME --actor NAME');
      expect(status).toBe(2);
    },
  );
});

describe('the scripted steps of the first deploy', () => {
  test('all pass on the local vault', async () => {
    const { code, printed } = await run(false);

    expect(printed.replace(/\d+ ms/g, 'N ms')).toBe(
      `pass  4  doctor finds no problem (N ms)
pass  5  an actor seals made-up material (N ms)
pass  5  a second seal over a live record is refused (N ms)
pass  5  the material comes back byte for byte (N ms)
pass  5  revoking destroys the record (N ms)
pass  5  a revoked wallet opens no more (N ms)
pass  5  the access log has every call, and its chain is intact (N ms)
pass  6  the webhook takes a delivery and a revocation (N ms)
`,
    );
    expect(code).toBe(0);
  });

  test('end with exit code 1 at the first step that fails', async () => {
    const disable = { operation: 'DisableKey', input: { KeyId: vault.keys.shareKeyArn }, accessKeyId: 'a' };
    await vault.kms.handle(disable);

    const { code, printed } = await run(true);

    const { outcomes } = JSON.parse(printed) as { outcomes: readonly { readonly passed: boolean }[] };
    expect(outcomes).toEqual([expect.objectContaining({ step: '4', passed: false })]);
    expect(code).toBe(1);
  });
});
