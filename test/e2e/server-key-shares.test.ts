import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type ShareVaultClient, ShareVaultError, type Wallet } from '../../client/index';
import type { LocalVault } from '../../local/vault';
import { material } from '../support/run';
import { makeWallet, sealWallet, sql, startTestVault, unsealWallet } from './harness';

// Through the bundles that ship, with the policies of the template.

let vault: LocalVault;
let signer: ShareVaultClient;
let auditor: ShareVaultClient;
beforeAll(async () => {
  vault = await startTestVault();
  [signer, auditor] = [vault.client('signer'), vault.client('auditor')];
});
afterAll(() => vault.close());

const REASON = { reason: 'test' };
const PROPERTIES = '{"externalServerKeySharesBackupInfo":{"backups":{"external":["1"]}}}';
const newWallet = (): Wallet => ({ walletId: randomUUID(), chain: 'EVM' });
const codeOf = (error: unknown) => (error instanceof ShareVaultError ? error.code : String(error));
const refusedAs = (code: string) => expect.objectContaining({ code });

async function unseal(wallet: Wallet): Promise<Buffer> {
  using record = await signer.unsealServerKeyShares({ ...wallet, ...REASON });
  return Buffer.from(record.serverKeyShares);
}

describe('server key shares', () => {
  test.each([
    ['JSON', Buffer.concat([Buffer.from('[{"secretShare":"'), material(900), Buffer.from('"}]')])],
    ['a single byte', material(1)],
    ['NUL bytes only', Buffer.alloc(300)],
    ['as long as a material may be', material(65_536)],
  ])('that are %s are returned byte for byte', async (_what, serverKeyShares) => {
    const wallet = newWallet();
    await signer.sealServerKeyShares({ ...wallet, serverKeyShares });

    expect((await unseal(wallet)).equals(serverKeyShares)).toBe(true);
  });

  test('are superseded like delegated shares, and the superseded ones stay unreadable', async () => {
    const [wallet, first, second] = [newWallet(), material(600), material(600)];
    const { recordId } = await signer.sealServerKeyShares({ ...wallet, serverKeyShares: first });

    await expect(signer.sealServerKeyShares({ ...wallet, serverKeyShares: second })).rejects.toEqual(refusedAs('Conflict')); // prettier-ignore
    await signer.sealServerKeyShares({ ...wallet, serverKeyShares: second, supersedes: recordId });

    expect((await unseal(wallet)).equals(second)).toBe(true);
    expect((await auditor.records(wallet)).records).toMatchObject([
      { kind: 'server-key-shares', supersededAt: expect.any(String) },
      { kind: 'server-key-shares', accessCount: 1 },
    ]);
  });

  test('and delegated shares of one wallet are opened and revoked by kind', async () => {
    const both = makeWallet();
    const wallet = { walletId: both.walletId, chain: both.chain };
    const serverKeyShares = material(600);
    await sealWallet(vault, both);
    await signer.sealServerKeyShares({ ...wallet, serverKeyShares });

    const revoked = await signer.revoke({ ...wallet, kinds: ['delegated-share'], ...REASON });

    expect(revoked).toMatchObject({ revoked: 1, kinds: ['delegated-share'], known: true });
    await expect(unsealWallet(vault, both)).rejects.toEqual(refusedAs('Revoked'));
    expect((await unseal(wallet)).equals(serverKeyShares)).toBe(true);
    await expect(signer.revoke({ ...wallet, ...REASON })).resolves.toMatchObject({ revoked: 1 });
    await expect(unseal(wallet)).rejects.toEqual(refusedAs('Revoked'));
    const sealing = signer.sealServerKeyShares({ ...wallet, serverKeyShares });
    await expect(sealing).rejects.toEqual(refusedAs('Revoked'));
    await expect(auditor.verifyAccessLog(wallet)).resolves.toMatchObject({ intact: true });
  });

  test('of another wallet’s row do not open', async () => {
    const [wallet, other] = [newWallet(), newWallet()];
    await signer.sealServerKeyShares({ ...wallet, serverKeyShares: material(600) });
    await signer.sealServerKeyShares({ ...other, serverKeyShares: material(600) });
    const swap = `UPDATE vault.server_key_shares SET encrypted_server_key_shares =
      (SELECT encrypted_server_key_shares FROM vault.server_key_shares WHERE wallet_id = $2) WHERE wallet_id = $1`;
    await sql(vault, swap, [wallet.walletId, other.walletId]);

    await expect(unseal(wallet)).rejects.toEqual(refusedAs('ContextMismatch'));
  });

  test('of a wallet that has none are not found, and a mistyped revocation says that the wallet is unknown', async () => {
    const share = makeWallet();
    await sealWallet(vault, share);

    await expect(unseal({ walletId: share.walletId, chain: 'EVM' })).rejects.toEqual(refusedAs('NotFound'));
    await expect(signer.revoke({ ...newWallet(), ...REASON })).resolves.toMatchObject({ revoked: 0, known: false });
  });
});

describe('wallet properties', () => {
  test('are read from the cache without an entry in the log, and reported as changed by an unseal', async () => {
    const wallet = newWallet();
    await signer.sealServerKeyShares({ ...wallet, serverKeyShares: material(600), walletProperties: PROPERTIES });

    const first = await signer.walletProperties(wallet);
    const second = await signer.walletProperties(wallet);
    await vault.client('signer').replaceWalletProperties({ ...wallet, walletProperties: `${PROPERTIES} `, expectedVersion: 1 }); // prettier-ignore
    using record = await signer.unsealServerKeyShares({ ...wallet, ...REASON });
    const fresh = await signer.walletProperties(wallet, { fresh: true });

    expect(first).toMatchObject({ version: 1, walletProperties: PROPERTIES });
    expect(second).toEqual(first);
    expect(record.propertiesChanged).toBe(true);
    expect(fresh).toMatchObject({ version: 2 });
    const log = await Array.fromAsync(auditor.accessLog(wallet));
    expect(log.map(({ outcome }) => outcome)).toEqual(['sealed', 'properties-replaced', 'granted']);
  });

  test('that 6 writers replace at once get one new version, and 5 conflicts', async () => {
    const wallet = newWallet();
    await signer.sealServerKeyShares({ ...wallet, serverKeyShares: material(600), walletProperties: PROPERTIES });
    const write = (writer: number) =>
      signer.replaceWalletProperties({ ...wallet, walletProperties: PROPERTIES.replace('1', `w${writer}`), expectedVersion: 1 }); // prettier-ignore

    const written = await Promise.allSettled(Array.from({ length: 6 }, (_, writer) => write(writer)));

    const codes = written.map((each) => (each.status === 'rejected' ? codeOf(each.reason) : 'written'));
    expect(codes.sort()).toEqual([...new Array<string>(5).fill('VersionConflict'), 'written']);
    await expect(signer.properties(wallet)).resolves.toMatchObject({ version: 2 });
  });

  test('keep their backup information unless forced', async () => {
    const wallet = newWallet();
    await signer.sealServerKeyShares({ ...wallet, serverKeyShares: material(600), walletProperties: PROPERTIES });
    const write = { ...wallet, walletProperties: '{}', expectedVersion: 1 };

    await expect(signer.replaceWalletProperties(write)).rejects.toEqual(refusedAs('StaleWalletProperties'));
    await expect(signer.replaceWalletProperties({ ...write, force: true })).resolves.toMatchObject({ version: 2 });
    await expect(signer.properties(wallet, { version: 1 })).resolves.toMatchObject({ walletProperties: PROPERTIES });
  });

  test('can not be written by an actor that may only read them', async () => {
    const write = { ...newWallet(), walletProperties: '{}' };

    await expect(auditor.replaceWalletProperties(write)).rejects.toEqual(refusedAs('InvokeRefused'));
  });
});

describe('batches', () => {
  test('seal and open 100 records, and list their wallets', async () => {
    const materials = Array.from({ length: 100 }, () => material(300));
    const items = materials.map((serverKeyShares) => ({ ...newWallet(), kind: 'server-key-shares' as const, materials: { serverKeyShares } })); // prettier-ignore

    const sealed = await signer.sealMany(items);
    using opened = await signer.unsealMany(items.map(({ walletId, chain, kind }) => ({ walletId, chain, kind })), REASON); // prettier-ignore

    expect(sealed.filter(({ ok }) => !ok)).toEqual([]);
    const same = [...opened].map((item, i) => item.ok && Buffer.from(item.value.serverKeyShares).equals(materials[i] ?? Buffer.alloc(0))); // prettier-ignore
    expect(same).toEqual(new Array(100).fill(true));
    const listed = await Array.fromAsync(auditor.wallets());
    const known = new Map(listed.map((wallet) => [wallet.walletId, wallet]));
    expect(items.map(({ walletId }) => known.get(walletId)?.length)).toEqual(new Array(100).fill(2));
  });
});
