import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { SealInput, ShareVaultClient } from '../../client/index';
import type { LocalVault } from '../../local/vault';
import { material } from '../support/run';
import { makeWallet, startTestVault } from './harness';

/* The client's methods for data, against the bundles that ship. */

const REASON = 'sign transaction 7';
const FIRST = '{"externalServerKeySharesBackupInfo":{"backups":{"external":["1"]}}}';
const SECOND = '{"externalServerKeySharesBackupInfo":{"backups":{"external":["2"]}}}';

let vault: LocalVault;
let signer: ShareVaultClient;
let auditor: ShareVaultClient;
beforeAll(async () => {
  vault = await startTestVault({}, 'patient');
  [signer, auditor] = [vault.client('signer'), vault.client('auditor')];
});
afterAll(() => vault.close());

async function sealedShares(walletProperties = FIRST) {
  const wallet = { walletId: randomUUID(), chain: 'EVM' };
  const serverKeyShares = material(900);
  const sealed = await signer.sealServerKeyShares({ ...wallet, serverKeyShares, walletProperties });
  return { wallet, serverKeyShares, ...sealed };
}

describe('server key shares', () => {
  test.each([
    ['one byte', Buffer.from([0])],
    ['64 KiB of any bytes', randomBytes(65_536)],
  ])('of %s are returned byte for byte', async (_what, serverKeyShares) => {
    const wallet = { walletId: randomUUID(), chain: 'EVM' };
    await signer.sealServerKeyShares({ ...wallet, accountAddress: '0x2b', serverKeyShares });

    await using record = await signer.unsealServerKeyShares({ ...wallet, reason: REASON });

    expect(Buffer.from(record.serverKeyShares).equals(serverKeyShares)).toBe(true);
    expect(record).toMatchObject({ kind: 'server-key-shares', publicKey: '0x2b', accessCount: 1 });
  });
});

describe('wallet properties', () => {
  test('are cached, and revalidated without a text', async () => {
    const { wallet } = await sealedShares();
    const patient = await auditor.walletProperties(wallet);

    expect(patient).toMatchObject({ version: 1, walletProperties: FIRST });
    expect(await auditor.walletProperties(wallet)).toBe(patient);
    expect(await auditor.walletProperties(wallet, { fresh: true })).toEqual(patient);
  });

  test('of another version are seen by a fresh read', async () => {
    const { wallet } = await sealedShares();
    await auditor.walletProperties(wallet);

    const replaced = await signer.replaceWalletProperties({ ...wallet, walletProperties: SECOND, expectedVersion: 1 });

    expect(await auditor.walletProperties(wallet, { fresh: true })).toEqual({ ...replaced, walletProperties: SECOND });
    expect(await auditor.walletProperties(wallet, { version: 1 })).toMatchObject({ walletProperties: FIRST });
  });
});

describe('batches', () => {
  const sharesOf = (walletId: string, length: number): SealInput => ({
    kind: 'server-key-shares',
    walletId,
    chain: 'EVM',
    materials: { serverKeyShares: material(length) },
  });

  test('seal and open records of both kinds, and a failed item does not affect the others', async () => {
    const { wallet: taken } = await sealedShares();
    const delegated: SealInput = { kind: 'delegated-share', ...makeWallet() };
    const inputs = [sharesOf(randomUUID(), 900), sharesOf(taken.walletId, 900), delegated];

    const sealed = await signer.sealMany(inputs);

    expect(sealed).toMatchObject([{ ok: true }, { ok: false, error: { code: 'Conflict' } }, { ok: true }]);
    const items = inputs.map(({ kind, walletId, chain }) => ({ kind, walletId, chain }));
    using batch = await signer.unsealMany([...items, { ...taken, kind: 'delegated-share' }], { reason: REASON });
    expect(batch.results.map(({ ok }) => ok)).toEqual([true, true, true, false]);
    expect(batch.results[3]).toMatchObject({ error: { code: 'NotFound', requestId: expect.any(String) } });
    const [first] = batch.results;
    expect(inputs[0]).toMatchObject({ materials: { serverKeyShares: Buffer.from(first?.ok === true ? first.value.serverKeyShares : []) } }); // prettier-ignore
  });

  test('of more than fits one request or response are split', async () => {
    const inputs = Array.from({ length: 72 }, () => sharesOf(randomUUID(), 65_536));

    const sealed = await signer.sealMany(inputs);
    using batch = await signer.unsealMany(inputs.map(({ kind, walletId, chain }) => ({ kind, walletId, chain })), { reason: REASON }); // prettier-ignore

    expect(sealed.filter(({ ok }) => !ok)).toEqual([]);
    expect(batch.results.filter(({ ok }) => !ok)).toEqual([]);
  });
});

describe('the lists of an auditor', () => {
  test('have a wallet with its kinds, in the time in which it has rows', async () => {
    const from = new Date().toISOString();
    const { wallet, recordId } = await sealedShares();
    const until = new Date(Date.now() + 60_000).toISOString();

    const wallets = await Array.fromAsync(auditor.wallets({ from, until }));
    const rows = await Array.fromAsync(auditor.accessLog(wallet, { from, until }));
    const before = await Array.fromAsync(auditor.accessLog(wallet, { until: from }));

    const listed = wallets.find(({ walletId }) => walletId === wallet.walletId);
    expect(listed).toMatchObject({ chain: 'EVM', kinds: ['server-key-shares'], propertiesVersion: 1 });
    expect(rows).toMatchObject([{ action: 'seal', outcome: 'sealed', recordId }]);
    expect(before).toEqual([]);
  });
});
