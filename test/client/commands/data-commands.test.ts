import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sealInput } from '../support/inputs';
import { client, vault } from '../support/use-fake-vault';
import { run } from './support/account';
import { AS_SIGNER, file, files, folder, useDataVault } from './support/data-vault';

useDataVault();

const walletOf = (walletId: string) => ['--wallet', walletId, '--chain', 'EVM', ...AS_SIGNER];
const jsonLines = (stdout: string) => stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
const BACKUP = '{"externalServerKeySharesBackupInfo":{"a":1}}';

async function sealed(walletProperties?: string): Promise<string> {
  const input = sealInput({ walletProperties });
  await client.seal(input);
  vault.calls.length = 0;
  return input.walletId;
}

describe('share-vault properties', () => {
  test('prints the newest version as text, and its facts beside it', async () => {
    const walletId = await sealed('{"name":"ünïcode"}');

    const { code, stdout, stderr } = await run(['properties', ...walletOf(walletId)]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"name":"ünïcode"}\n' });
    expect(stderr).toMatch(/^version {4}1\nsha256 {5}[0-9a-f]{64}\ncreatedAt {2}\S+\n$/);
  });

  test('prints a named version as JSON that loses no character', async () => {
    const text = '{"name":"\u001b[31m\u202e\u{1f600}"}';
    const walletId = await sealed(text);

    const { stdout } = await run(['properties', ...walletOf(walletId), '--version', '1', '--json']);

    expect(stdout).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, walletProperties: text });
  });

  test('writes them to a new file, byte for byte', async () => {
    const walletId = await sealed('{"name":"\u001b\u{1f600}"}');
    const out = join(folder, 'properties.json');

    const { code, stdout } = await run(['properties', ...walletOf(walletId), '--out', out, '--json']);
    const again = await run(['properties', ...walletOf(walletId), '--out', out]);

    expect([code, again.code]).toEqual([0, 8]);
    expect(JSON.parse(stdout)).not.toHaveProperty('walletProperties');
    expect(readFileSync(out, 'utf8')).toBe('{"name":"\u001b\u{1f600}"}');
  });

  test('replaces the version that is expected, and ends with 5 for another one', async () => {
    const walletId = await sealed('first');
    const setting = ['properties', ...walletOf(walletId), '--set', file('second', 'second'), '--expected-version', '1'];

    const replaced = await run([...setting, '--json']);
    const refused = await run(['properties', ...walletOf(walletId), '--set', file('third', 'third'), '--expected-version', '1']); // prettier-ignore

    expect(JSON.parse(replaced.stdout)).toMatchObject({ version: 2 });
    expect(refused).toMatchObject({ code: 5, stdout: '' });
    expect(refused.stderr).toContain('got VersionConflict: read the properties again');
  });

  test('keeps backup information unless it is forced, and ends with 5', async () => {
    const walletId = await sealed(BACKUP);
    const setting = ['properties', ...walletOf(walletId), '--set', '-', '--expected-version', '1'];

    const refused = await run(setting, '{}');
    const forced = await run([...setting, '--force'], '{}');

    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('got StaleWalletProperties: the new properties lack the backup information');
    expect(forced).toMatchObject({ code: 0, stdout: expect.stringMatching(/^version {4}2\n/) });
  });

  test.each([
    ['properties without their version', ['--set', 'FILE'], '--set: expected --expected-version with it, got none'],
    ['a version of no replacement', ['--expected-version', '1'], '--expected-version: expected --set with it'],
    ['a replacement that is read', ['--set', 'FILE', '--expected-version', '1', '--out', 'x'], 'expected no --out'],
    ['a version that is no number', ['--version', 'one'], '--version: expected a whole number, got something else'],
    ['a version 0', ['--version', '0'], '--version: expected a whole number from 1'],
    ['long properties', ['--set', '/dev/zero', '--expected-version', '1'], 'expected at most 262144 bytes, got more'],
  ])('ends with 2 and sends nothing for %s', async (_what, args, message) => {
    const given = args.map((arg) => (arg === 'FILE' ? file('file', '{}') : arg));

    const { code, stdout, stderr } = await run(['properties', ...walletOf('w'), ...given]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(vault.calls).toEqual([]);
  });

  test('ends with 3 for a wallet without any', async () => {
    const { code, stderr } = await run(['properties', ...walletOf(randomUUID()), '--out', join(folder, 'new')]);

    expect(code).toBe(3);
    expect(stderr).toContain('got NotFound');
    expect(files()).toEqual([]);
  });
});

describe('share-vault records', () => {
  test('prints a fact on each line, and the number of records', async () => {
    const walletId = await sealed();

    const { code, stdout } = await run(['records', ...walletOf(walletId)]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^recordId {5}\S{36}\n[^]*kind {9}delegated-share\n[^]*keyId {8}arn:aws:kms:\S+\n[^]*\n\n1 record\n$/); // prettier-ignore
  });

  test('prints them as JSON, also for a revoked wallet', async () => {
    const walletId = await sealed();
    await client.revoke({ walletId, chain: 'EVM', reason: 'r' });

    const { stdout } = await run(['records', ...walletOf(walletId), '--json']);

    expect(JSON.parse(stdout)).toMatchObject({ records: [], revokedAt: expect.any(String) });
  });
});

describe('share-vault wallets', () => {
  test('prints a line for each wallet of the vault, over all pages', async () => {
    const ids = [await sealed(), await sealed(), await sealed()];

    const { code, stdout } = await run(['wallets', ...AS_SIGNER]);

    expect(code).toBe(0);
    for (const id of ids) expect(stdout).toMatch(new RegExp(`^EVM {9}delegated-share {21}${id}$`, 'm'));
  });

  test('prints at most as many as --limit, as JSON with heads', async () => {
    await sealed();
    await sealed();

    const { stdout } = await run(['wallets', ...AS_SIGNER, '--limit', '1', '--json']);

    expect(jsonLines(stdout)).toEqual([expect.objectContaining({ chain: 'EVM', head: expect.stringMatching(/^[0-9a-f]{64}$/) })]); // prettier-ignore
  });

  test('passes a span of time to the vault', async () => {
    await run(['wallets', ...AS_SIGNER, '--from', '2026-01-31', '--until', '2026-02-01T12:30:00Z']);

    expect(JSON.parse(vault.calls[0]?.payload ?? '')).toMatchObject({
      from: '2026-01-31T00:00:00.000Z',
      until: '2026-02-01T12:30:00.000Z',
    });
  });

  test.each([
    ['a day that is none', ['--from', '2026-02-31'], '--from: expected a time such as 2026-01-31'],
    ['a time without a zone', ['--until', '2026-01-31T12:00:00'], '--until: expected a time such as 2026-01-31'],
    [
      'an end before the beginning',
      ['--from', '2026-02-01', '--until', '2026-01-31'],
      '--until: expected a time after',
    ],
    ['a limit of 0', ['--limit', '0'], '--limit: expected 1 or more, got 0'],
  ])('ends with 2 for %s', async (_what, args, message) => {
    const { code, stderr } = await run(['wallets', ...AS_SIGNER, ...args]);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('share-vault export', () => {
  test('prints the rows of every wallet, each followed by the head of its chain', async () => {
    const walletId = await sealed();

    const { code, stdout } = await run(['export', ...AS_SIGNER]);

    const lines = jsonLines(stdout).filter((line) => line.walletId === walletId);
    const head = await client.accessLogHead({ walletId, chain: 'EVM' });
    expect(code).toBe(0);
    expect(lines).toEqual([
      expect.objectContaining({ walletId, chain: 'EVM', sequence: 1, action: 'seal', hash: head.hash }),
      { walletId, chain: 'EVM', head },
    ]);
  });

  test('is verified without the vault, each wallet against its head', async () => {
    const [first, second] = [await sealed(), await sealed()];
    const { stdout } = await run(['export', ...AS_SIGNER]);
    const verify = (text: string) => run(['log', '--verify', '--file', '-'], text);
    const lines = stdout.trimEnd().split('\n');

    const intact = await verify(stdout);
    const changed = await verify(stdout.replace(`"walletId":"${second}","chain":"EVM","sequence":1`, `"walletId":"${second}","chain":"EVM","sequence":2`)); // prettier-ignore
    const missing = await verify(lines.filter((line) => !(line.includes(first) && line.includes('"sequence":1,"at"'))).join('\n')); // prettier-ignore
    const mixed = await verify(lines.filter((line) => !line.includes('"head"')).join('\n'));

    expect(intact).toMatchObject({ code: 0, stdout: '' });
    expect(intact.stderr.match(/^intact: /gm)).toHaveLength(lines.filter((line) => line.includes('"head"')).length);
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain(`broken: the access log of wallet "${second}"`);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(`row 1: expected 1 rows, got 0\nbroken: the access log of wallet "${first}"`);
    expect(mixed.code).toBe(1);
    expect(mixed.stderr).toContain('expected the wallet of the first row, got another');
  });

  test('prints one wallet if that is named', async () => {
    const walletId = await sealed();
    await sealed();

    const { stdout } = await run(['export', ...walletOf(walletId)]);

    expect(jsonLines(stdout).map((line) => line.walletId)).toEqual([walletId, walletId]);
  });

  test('prints no row that came after the head was read', async () => {
    const walletId = await sealed();
    const ledger = vault.functions.ledgerOf(walletId);
    const later = { action: 'unseal', outcome: 'granted', actor: 'signer', requestId: 'r' } as const;
    vault.troubles.push({
      response: (honest) => {
        ledger.append(later);
        return honest;
      },
    });

    const { stdout } = await run(['export', ...walletOf(walletId)]);

    expect(jsonLines(stdout).map((line) => line.sequence)).toEqual([1, undefined]);
  });

  test('passes a span of time to the vault', async () => {
    const walletId = await sealed();

    const { stdout } = await run(['export', ...walletOf(walletId), '--until', '2020-01-01']);

    expect(jsonLines(stdout)).toEqual([expect.objectContaining({ walletId, head: expect.anything() })]);
  });

  test.each([
    ['a chain without a wallet', ['--chain', 'EVM'], '--chain: expected --wallet with it, got none'],
    ['a wallet without a chain', ['--wallet', 'w'], 'expected --chain, got none'],
  ])('ends with 2 for %s', async (_what, args, message) => {
    const { code, stderr } = await run(['export', ...AS_SIGNER, ...args]);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('a command for data', () => {
  test('reads the actor from $SHARE_VAULT_ACTOR, and the environment from $SHARE_VAULT_ENVIRONMENT', async () => {
    const walletId = await sealed();
    const env = { SHARE_VAULT_ACTOR: 'auditor', SHARE_VAULT_ENVIRONMENT: 'dev' };

    const { code } = await run(['records', '--wallet', walletId, '--chain', 'EVM'], '', env);

    expect(code).toBe(0);
    expect(vault.calls.at(-1)).toMatchObject({ functionName: 'share-vault-dev-audit', qualifier: 'auditor' });
  });

  test.each([
    ['no actor', ['records', '--environment', 'dev', '--wallet', 'w', '--chain', 'EVM'], 'expected --actor, got none'],
    ['an actor that is none', ['wallets', '--environment', 'dev', '--actor', 'Signer'], '--actor: expected lower-case'],
  ])('ends with 2 for %s', async (_what, args, message) => {
    const { code, stderr } = await run(args);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
