import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { material } from '../../support/run';
import { sealInput } from '../support/inputs';
import { client, vault } from '../support/use-fake-vault';
import { AS_SIGNER, files, folder, useDataVault } from './support/data-vault';
import { HAS_TERMINAL, inTerminal } from './support/process';

useDataVault();

// without `script` of util-linux no terminal can be had: macOS has another one
const inATerminal = HAS_TERMINAL ? describe : describe.skip;

async function sealed(): Promise<string> {
  const input = sealInput();
  await client.seal(input);
  vault.calls.length = 0;
  return input.walletId;
}

const walletOf = (walletId: string) => ['--wallet', walletId, '--chain', 'EVM', ...AS_SIGNER];
const unwrapped = (printed: string) => printed.replaceAll('\n  ', ' ');
const longLines = (printed: string) => printed.split('\n').filter((line) => line.length > 80);

inATerminal('in a terminal of 80 columns', () => {
  test.each([
    [['--help']],
    [['unseal', '--help']],
    [['help', 'properties']],
    [['doctor', '--help']],
    [['freeze', '--help']],
    [['thaw', '--help']],
    [['freezes', '--help']],
    [['reseal', '--help']],
    [['tombstones', '--help']],
  ])('the help of %j fits', async (args) => {
    const { code, stdout } = await inTerminal(args);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: share-vault /);
    expect(longLines(stdout)).toEqual([]);
  });

  test('the facts of a record fit, and its ARN is whole', async () => {
    const { code, stdout } = await inTerminal(['records', ...walletOf(await sealed())]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^ *(keyId +)?arn:aws:kms:[a-z0-9-]+:\d{12}:key\/\S+$/m);
    expect(longLines(stdout)).toEqual([]);
  });

  test('the list of wallets fits: kinds and revocations have lines of their own', async () => {
    const [walletId, other] = [await sealed(), await sealed()];
    const shares = { chain: 'EVM', userId: 'user-1', serverKeyShares: material(40) };
    await client.sealServerKeyShares({ ...shares, walletId });
    await client.revoke({ walletId: other, chain: 'EVM', reason: 'r' });

    const { code, stdout } = await inTerminal(['wallets', ...AS_SIGNER]);

    expect(code).toBe(0);
    expect(stdout).toContain(`EVM  ${walletId}\n  delegated-share, server-key-shares\n`);
    expect(stdout).toMatch(new RegExp(`EVM  ${other}\n  no live record\n  revoked \\S+Z\n`));
    expect(longLines(stdout)).toEqual([]);
  });

  test('what a freeze prints fits, with the next command', async () => {
    const asOncall = [...AS_SIGNER.slice(0, 2), '--as', 'oncall'];
    const frozen = await inTerminal(['freeze', '--callers', '--reason', 'ticket 4711', ...asOncall]);
    const requested = await inTerminal(['thaw', 'request', '1', '--reason', 'over', ...asOncall]);
    const listed = await inTerminal(['freezes', ...asOncall]);

    const all = [frozen, requested, listed];
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(frozen.stdout).toContain('\n  share-vault thaw request 1 --reason TEXT --environment dev --as oncall\n');
    expect(all.flatMap(({ stdout }) => longLines(stdout))).toEqual([]);
  });

  test('a message fits, and no word of it is broken', async () => {
    const { code, stdout } = await inTerminal(['unseal', ...walletOf('another'), '--reason', 'r', '--wallet-api-key', join(folder, 'new')]); // prettier-ignore

    expect(code).toBe(3);
    expect(unwrapped(stdout)).toMatch(/^share-vault unseal: expected the vault to accept the call, got NotFound: are the wallet, the chain and the user spelled as they were sealed \(request [0-9a-f-]{36}\)\n$/); // prettier-ignore
    expect(longLines(stdout)).toEqual([]);
    expect(files()).toEqual([]);
  });

  test('revoke asks for the id of the wallet, and destroys its materials after it was typed', async () => {
    const walletId = await sealed();

    const { code, stdout } = await inTerminal(['revoke', ...walletOf(walletId), '--reason', 'r'], `${walletId}\r`);

    expect(code).toBe(0);
    expect(unwrapped(stdout)).toContain(`This destroys the materials of wallet ${walletId} on EVM in`);
    expect(stdout).toContain('records destroyed  1\n');
  });

  test.each([
    ['another text', 'yes\r'],
    ['Ctrl-D', '\u0004'],
  ])('revoke destroys nothing after %s', async (_what, keys) => {
    const { code, stdout } = await inTerminal(['revoke', ...walletOf(await sealed()), '--reason', 'r'], keys);

    expect(code).toBe(1);
    expect(unwrapped(stdout)).toContain("expected the wallet's id, got another text: nothing was revoked");
    expect(vault.calls).toEqual([]);
  });

  test('tombstones replay reads no list from it without --yes, and does not end as if it had replayed', async () => {
    const list = '{"environment":"dev"}\r{"tombstones":0,"until":"2026-11-30T00:00:00.000Z"}\r\u0004';
    const args = ['tombstones', 'replay', '--file', '-', '--reason', 'r', ...AS_SIGNER];

    const { code, stdout } = await inTerminal(args, list);

    expect(code).toBe(2);
    // the keys may be echoed before the terminal is set up
    expect(stdout).toContain('share-vault tombstones: --file -: expected --yes with it, got none\n');
    expect(vault.calls).toEqual([]);
  });

  test('seal reads no material, and unseal writes none to it', async () => {
    const walletId = await sealed();

    const sealing = await inTerminal(['seal', ...walletOf(walletId), '--server-key-shares', '-']);
    const typed = await inTerminal(['seal', ...walletOf(walletId), '--server-key-shares', '/dev/tty']);
    const shown = await inTerminal(['unseal', ...walletOf(walletId), '--reason', 'r', '--wallet-api-key', '/dev/tty', '--force']); // prettier-ignore

    expect([sealing.code, typed.code, shown.code]).toEqual([2, 2, 8]);
    expect(unwrapped(shown.stdout)).toContain('got a folder, a link or a device');
    expect(vault.calls).toEqual([]);
  });
});
