import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { LocalVault } from '../../../local/vault';
import { sql, startTestVault } from '../../e2e/harness';
import { useEndpoint } from '../../support/use-endpoint';
import { run } from './support/account';

let vault: LocalVault;
const IN = ['--environment', 'local'];
const codesOf = (stdout: string): string[] => stdout.match(/(?<=\d{3} {2})[A-Za-z]+/g) ?? [];

beforeAll(async () => {
  vault = await startTestVault();
  useEndpoint(vault);
});
afterAll(() => vault.close());

describe('the command line and a vault that runs', () => {
  test('public-key prints the key to register at Dynamic', async () => {
    const { code, stdout, stderr } = await run(['public-key', ...IN]);

    expect(code).toBe(0);
    expect(stdout).toBe(vault.webhook.publicKey);
    expect(stderr).toContain(vault.webhook.kid);
  });

  test('webhook-test gets the expected responses, and leaves only a tombstone and a log', async () => {
    const { code, stdout } = await run(['webhook-test', ...IN]);

    expect(codesOf(stdout)).toEqual(['Pong', 'Sealed', 'Destroyed']);
    expect(code).toBe(0);
    const [wallet] = await sql<{ id: string; revoked: boolean }>(
      vault,
      `SELECT wallet_id AS id, revoked_at IS NOT NULL AS revoked FROM vault.wallets WHERE wallet_id ~ '^share-vault-test-'`,
    );
    expect(wallet?.revoked).toBe(true);
    const auditor = vault.client('auditor');
    const known = { walletId: wallet?.id ?? '', chain: 'TEST' };
    const entries = await Array.fromAsync(auditor.accessLog(known));
    expect((await auditor.records(known)).records).toEqual([]);
    expect(entries.map(({ action, actor }) => [action, actor])).toEqual([
      ['seal', 'dynamic:webhook'],
      ['revoke', 'dynamic:webhook'],
    ]);
  });

  test('webhook-secret changes what deliveries are signed with; the one before it is still accepted', async () => {
    const secret = `dyn_whsec_${randomBytes(16).toString('hex')}`;

    const kept = await run(['webhook-secret', ...IN], secret);

    const current = await run(['webhook-test', ...IN]);
    const previous = await run(['webhook-test', ...IN, '--secret-stdin'], vault.webhook.secret);
    const other = await run(['webhook-test', ...IN, '--secret-stdin'], `${secret}-other`);
    expect([kept.code, current.code, previous.code, other.code]).toEqual([0, 0, 0, 1]);
    expect(codesOf(other.stdout)).toEqual(['SignatureMismatch']);
  });

  test('webhook-test reports that the database is out of reach', async () => {
    await vault.postgres.stop();

    const { code, stdout } = await run(['webhook-test', ...IN]);

    expect(code).toBe(1);
    expect(codesOf(stdout)).toEqual(['Pong', 'StoreUnavailable', 'StoreUnavailable']);
    expect(stdout).toContain('expected Sealed: the database is paused, starting or out of reach');
  });
});
