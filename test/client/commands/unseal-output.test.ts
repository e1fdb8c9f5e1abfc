import { describe, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { feed } from '../../../client/commands/data/program';
import { material } from '../../support/run';
import { vault } from '../support/use-fake-vault';
import { AS_SIGNER, file, files, folder, useDataVault } from './support/data-vault';
import { command, inShell, start } from './support/process';

useDataVault();

const unsealing = (walletId: string) => [
  'unseal',
  '--wallet',
  walletId,
  '--chain',
  'EVM',
  ...AS_SIGNER,
  '--reason',
  'r',
];

async function sealedShares(shares = material(40_000)) {
  const walletId = randomUUID();
  const { code } = await command(['seal', '--wallet', walletId, '--chain', 'EVM', ...AS_SIGNER, '--server-key-shares', '-'], shares); // prettier-ignore
  expect(code).toBe(0);
  vault.calls.length = 0;
  return { shares, args: unsealing(walletId) };
}

describe('the material of share-vault unseal', () => {
  test('is the standard input of a program, whose output is that of the command', async () => {
    const { shares, args } = await sealedShares();

    const { code, stdout, stderr } = await command([
      ...args,
      '--material',
      'server-key-shares',
      '--',
      'sha256sum',
      '-b',
    ]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: `${createHash('sha256').update(shares).digest('hex')} *-\n` });
    expect(stderr).toMatch(/^opened record [^\n]*\n$/);
  });

  test.each([
    ['exits with another code', ['sh', '-c', 'cat > /dev/null; exit 4'], 'got exit code 4'],
    ['ends by a signal', ['sh', '-c', 'kill -TERM $$'], 'got SIGTERM'],
  ])('ends with 9 and one line if the program %s', async (_what, program, message) => {
    const { args } = await sealedShares();

    const { code, stderr } = await command([...args, '--material', 'server-key-shares', '--', ...program]);

    expect(code).toBe(9);
    expect(stderr).toBe(`share-vault unseal: expected the program to succeed, ${message}\n`);
  });

  test('may be left unread by a program that succeeds', async () => {
    const long = Buffer.alloc(8_000_000, 1);

    const fed = feed({ file: '/bin/true', args: [] }, long, new AbortController().signal);

    await expect(fed).resolves.toBeUndefined();
  });

  test('ends with 9 if the program is gone when it is to be started', async () => {
    const fed = feed({ file: join(folder, 'gone'), args: [] }, material(40), new AbortController().signal);

    await expect(fed).rejects.toMatchObject({ exit: 9, message: 'expected the program to succeed, got ENOENT' });
  });

  test('stays in its file if only the facts on standard output can not be written', async () => {
    const { shares, args } = await sealedShares();
    const out = join(folder, 'new');

    const { code, stderr } = await inShell('exec > /dev/full', [...args, '--server-key-shares', out, '--json']);

    expect(code).toBe(8);
    expect(stderr).toMatch(/^share-vault unseal: expected all of the output to be written, got ENOSPC: [^\n]*\n$/);
    expect(readFileSync(out).equals(shares)).toBe(true);
  });

  test('leaves only its hidden draft if the command is killed by SIGKILL', async () => {
    const { args } = await sealedShares();
    vault.troubles.push({ hang: true });
    const { child, ended } = start([...args, '--server-key-shares', join(folder, 'new')]);
    while (vault.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));

    child.kill('SIGKILL');
    await ended;

    expect(files()).toEqual([expect.stringMatching(/^\.share-vault-[0-9a-f]{16}$/)]);
  });

  test('is not opened if the folder is not writable', async () => {
    const { args } = await sealedShares();

    const { code, stderr } = await command([...args, '--server-key-shares', '/sys/new']);

    expect(code).toBe(8);
    expect(stderr).toMatch(
      /^share-vault unseal: --server-key-shares: expected a file that can be written, got E[A-Z]+\n$/,
    );
    expect(vault.calls).toEqual([]);
  });

  test('leaves no file if the disk is full', async () => {
    const { args } = await sealedShares();

    const { code, stdout, stderr } = await inShell('ulimit -f 0', [
      ...args,
      '--server-key-shares',
      join(folder, 'new'),
    ]);

    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    expect(stderr).toBe('share-vault unseal: --server-key-shares: expected a file that can be written, got EFBIG\n');
    expect(files()).toEqual([]);
    expect(vault.calls).toHaveLength(1);
  });

  test('leaves no file if the name was taken during the call', async () => {
    const { args } = await sealedShares();
    vault.troubles.push({
      response: (honest) => {
        file('new', 'another');
        return honest;
      },
    });

    const { code, stderr } = await command([...args, '--server-key-shares', join(folder, 'new')]);

    expect(code).toBe(8);
    expect(stderr).toContain('got EEXIST');
    expect(files()).toEqual(['new']);
    expect(readFileSync(join(folder, 'new'), 'utf8')).toBe('another');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('leaves no file if the call is ended by %s', async (signal, exit) => {
    const { args } = await sealedShares();
    vault.troubles.push({ hang: true });
    const { child, ended } = start([...args, '--server-key-shares', join(folder, 'new')]);
    while (vault.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));

    child.kill(signal);

    expect(await ended).toEqual({
      code: exit,
      stdout: '',
      stderr: `share-vault unseal: expected to be done, got ${signal}\n`,
    });
    expect(files()).toEqual([]);
  });

  test('is on no stream if the response is forged', async () => {
    const { args } = await sealedShares();
    vault.troubles.push({ response: (honest) => ({ ...honest, recordId: randomUUID() }) });

    const { code, stdout, stderr } = await command([...args, '--server-key-shares', join(folder, 'new')]);

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('got ResponseRejected: this is no response of a vault');
    expect(files()).toEqual([]);
  });
});
