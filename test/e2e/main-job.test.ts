import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalVault } from '../../local/vault';
import { run } from '../client/commands/support/account';
import { useEndpoint } from '../support/use-endpoint';
import { makeWallet, sealWallet, startTestVault, unsealWallet } from './harness';

let vault: LocalVault;
beforeAll(async () => {
  vault = await startTestVault();
});
afterAll(() => vault.close());

describe('the main job', () => {
  test('returns the sealed materials', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);

    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });

  test('counts every opening', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);
    const request = { kind: 'delegated-share', walletId: wallet.walletId, chain: 'EVM', reason: 'test' } as const;

    using first = await vault.client('signer').unseal(request);
    using second = await vault.client('signer').unseal(request);

    expect([first.accessCount, second.accessCount]).toEqual([1, 2]);
  });

  test('keeps a log whose chain verifies', async () => {
    const wallet = makeWallet();
    const { recordId } = await sealWallet(vault, wallet);
    await unsealWallet(vault, wallet);
    const auditor = vault.client('auditor');

    const entries = await Array.fromAsync(auditor.accessLog(wallet));

    expect(entries).toMatchObject([
      { sequence: 1, action: 'seal', outcome: 'sealed', actor: 'signer', recordId },
      { sequence: 2, action: 'unseal', outcome: 'granted', actor: 'signer', recordId, reason: 'test' },
    ]);
    expect(await auditor.verifyAccessLog(wallet)).toMatchObject({ intact: true, length: 2, head: entries[1]?.hash });
  });

  test('keeps a log that the command line verifies, from the vault and from what it printed', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);
    await unsealWallet(vault, wallet);
    const { url, region } = vault;
    useEndpoint({ url, region, credentials: vault.session('auditor') });
    const args = ['--environment', vault.environment, '--actor', 'auditor', '--wallet', wallet.walletId];

    const online = await run(['log', ...args, '--chain', 'EVM', '--verify']);
    const head = /^head (2:[0-9a-f]{64})$/m.exec(online.stderr)?.[1] ?? 'none';
    const offline = await run(['log', '--verify', '--file', '-', '--head', head], online.stdout);
    const signer = await run(['log', ...args.with(3, 'signer'), '--chain', 'EVM']);

    expect(online.code).toBe(0);
    expect(offline).toEqual({ ...online, stdout: '' });
    expect(signer.code).toBe(6);
    expect(signer.stderr).toContain(
      'expected to be allowed to invoke function share-vault-local-audit as actor signer',
    );
  });

  test('lists a record without its ciphertext', async () => {
    const wallet = makeWallet();
    const { recordId, keyId } = await sealWallet(vault, wallet);

    const { records } = await vault.client('auditor').records(wallet);

    expect(records).toEqual([
      {
        recordId,
        kind: 'delegated-share',
        userId: wallet.userId,
        publicKey: wallet.publicKey,
        keyId,
        keyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
        algorithm: 'AES-256-GCM',
        createdAt: expect.any(String),
        accessCount: 0,
        wrappedKeys: [`aws-kms ${keyId}`],
      },
    ]);
  });

  test('destroys a record for good', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);

    const revocation = await vault.client('signer').revoke({ ...wallet, reason: 'the user left' });
    const again = await vault.client('signer').revoke({ ...wallet, reason: 'again' });

    expect([revocation.revoked, again.revoked]).toEqual([1, 0]);
    expect(Date.parse(revocation.unreadableAfter)).toBeGreaterThan(Date.now() + 34 * 86_400_000);
    expect(again.unreadableAfter).toBe(revocation.unreadableAfter);
    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'Revoked' });
    await expect(sealWallet(vault, wallet)).rejects.toMatchObject({ code: 'Revoked' });
  });

  test('replaces a live record only if the request names it', async () => {
    const wallet = makeWallet();
    const newer = { ...makeWallet(), walletId: wallet.walletId };
    const { recordId } = await sealWallet(vault, wallet);

    await expect(sealWallet(vault, newer)).rejects.toMatchObject({ code: 'Conflict' });
    const { materials, ...rest } = newer;
    const replaced = await vault
      .client('signer')
      .seal({ kind: 'delegated-share', ...rest, materials, supersedes: recordId });

    expect(replaced.supersededRecordId).toBe(recordId);
    expect(await unsealWallet(vault, wallet)).toEqual(newer.materials);
  });

  test('binds a record to the wallet properties that came with it', async () => {
    const wallet = makeWallet();
    const { materials, ...rest } = wallet;
    const walletProperties = JSON.stringify({ externalServerKeySharesBackupInfo: { ü: 1 } });
    await vault.client('signer').seal({ kind: 'delegated-share', ...rest, materials, walletProperties });

    expect(await unsealWallet(vault, wallet)).toEqual(materials);
  });

  test.each(['signer', 'auditor'])('returns wallet properties to %s, by version, without an entry in the log', async (actor) => {
    const { materials, ...wallet } = makeWallet();
    const texts = [JSON.stringify({ version: 'ü' }), JSON.stringify({ version: 2 })];
    const seal = (walletProperties: string, supersedes?: string) =>
      vault.client('signer').seal({ kind: 'delegated-share', ...wallet, materials, walletProperties, ...(supersedes !== undefined && { supersedes, expectedVersion: 1 }) });
    const { recordId } = await seal(texts[0] ?? '');
    await seal(texts[1] ?? '', recordId);
    const client = vault.client(actor);

    const newest = await client.properties(wallet);
    const first = await client.properties(wallet, { version: 1 });

    expect(newest).toMatchObject({ version: 2, walletProperties: texts[1] });
    expect(first).toMatchObject({ version: 1, walletProperties: texts[0] });
    await expect(client.properties(wallet, { version: 3 })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(client.properties(makeWallet())).rejects.toMatchObject({ code: 'NotFound' });
    expect(await vault.client('auditor').verifyAccessLog(wallet)).toMatchObject({ length: 2 });
  }); // prettier-ignore

  test.each([1, 4_096, 65_536])('accepts materials of %d bytes', async (length) => {
    const wallet = {
      ...makeWallet(),
      materials: { delegatedShare: Buffer.alloc(length, 7), walletApiKey: Buffer.alloc(1, 8) },
    };
    await sealWallet(vault, wallet);

    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });
});
