import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { material } from '../../support/run';
import { sealInput } from '../support/inputs';
import { client, vault } from '../support/use-fake-vault';
import { run, runAtTerminal } from './support/account';
import { AS_SIGNER, useDataVault } from './support/data-vault';

useDataVault();

const walletOf = (walletId: string) => ['--wallet', walletId, '--chain', 'EVM', ...AS_SIGNER];

async function sealed(walletProperties?: string): Promise<string> {
  const input = sealInput({ walletProperties });
  await client.seal(input);
  vault.calls.length = 0;
  return input.walletId;
}

describe('share-vault revoke', () => {
  test('destroys the records if --yes is given, and prints how many', async () => {
    const walletId = await sealed();

    const { code, stdout } = await run(['revoke', ...walletOf(walletId), '--reason', 'user left', '--yes']);
    const again = await run(['revoke', ...walletOf(walletId), '--reason', 'user left', '--yes', '--json']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^records destroyed {2}1\nunreadable after {3}\S+\n$/);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ revoked: 0 });
  });

  test('ends with 3 for a wallet that the vault has never seen', async () => {
    const walletId = randomUUID();

    const { code, stdout, stderr } = await run(['revoke', ...walletOf(walletId), '--reason', 'user left', '--yes']);

    expect(code).toBe(3);
    expect(stdout).toContain('records destroyed  0\n');
    expect(stderr).toContain('expected a wallet that the vault has seen, got none: is it spelled as it was sealed\n');
  });

  test('destroys one kind if that is named', async () => {
    const walletId = await sealed();
    const shares = { walletId, chain: 'EVM', userId: 'user-1', serverKeyShares: material(40) };
    await client.sealServerKeyShares(shares);

    await run(['revoke', ...walletOf(walletId), '--reason', 'r', '--kind', 'server-key-shares', '--yes']);

    const { records } = await client.records({ walletId, chain: 'EVM' });
    expect(records.map(({ kind }) => kind)).toEqual(['delegated-share']);
  });

  test('asks at a terminal for the id of the wallet', async () => {
    const walletId = await sealed();
    const revoking = ['revoke', ...walletOf(walletId), '--reason', 'user left'];

    const other = await runAtTerminal(revoking, 'yes\r');
    const calls = vault.calls.length;
    const typed = await runAtTerminal(revoking, `${walletId}\r`);

    expect([other.code, calls, typed.code]).toEqual([1, 0, 0]);
    expect(other.stderr).toContain(
      `This destroys the materials of wallet ${walletId} on EVM in dev permanently: delegated-share and server-key-shares.\n`,
    );
    expect(other.stderr).toContain("expected the wallet's id, got another text: nothing was revoked\n");
  });

  test('names only the kinds that it would destroy when it asks', async () => {
    const revoking = ['revoke', ...walletOf('w'), '--reason', 'r', '--kind', 'server-key-shares'];

    const { stderr } = await runAtTerminal(revoking, 'no\r');

    expect(stderr).toContain('This destroys the materials of wallet w on EVM in dev permanently: server-key-shares.\n');
  });

  test.each([
    ['without a terminal and without --yes', ['--reason', 'r'], 'expected --yes, since there is no terminal to ask at'],
    ['without a reason', ['--yes'], 'expected --reason, got none'],
    ['for a kind that is none', ['--reason', 'r', '--yes', '--kind', 'share'], '--kind: expected delegated-share or'],
    ['for a long reason', ['--reason', 'r'.repeat(201), '--yes'], '--reason: expected 1 to 200 characters'],
  ])('ends with 2 and sends nothing %s', async (_what, args, message) => {
    const { code, stderr } = await run(['revoke', ...walletOf('w'), ...args]);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(vault.calls).toEqual([]);
  });
});
