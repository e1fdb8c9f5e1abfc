import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalVault } from '../../local/vault';
import { ONE_SEALED, codeOf, createdOf, revokedOf, rowsOf, startPatientVault } from './deliveries';
import { makeWallet, unsealWallet } from './harness';

let vault: LocalVault;
beforeAll(async () => {
  vault = await startPatientVault();
  // starts one process per delivery, a few at a time: this suite does not test a simultaneous start
  for (const count of [5, 10, 15, COUNT]) await Promise.all(Array.from({ length: count }, deliverOne));
});
afterAll(() => vault.close());

const COUNT = 20;
const deliverOne = (): Promise<string> => codeOf(vault, createdOf(makeWallet(), vault.webhook));
const at = (seconds: number): Date => new Date(Date.now() + seconds * 1_000);

describe('twenty deliveries at once', () => {
  test('of as many wallets are as many records, each with its own material', async () => {
    const wallets = Array.from({ length: COUNT }, makeWallet);

    const codes = await Promise.all(wallets.map((wallet) => codeOf(vault, createdOf(wallet, vault.webhook))));

    expect(codes).toEqual(new Array(COUNT).fill('200 Sealed'));
    for (const wallet of wallets) {
      expect(await rowsOf(vault, wallet)).toEqual(ONE_SEALED);
      expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
    }
  });

  test('of the same event are one record', async () => {
    const wallet = makeWallet();
    const body = createdOf(wallet, vault.webhook);

    const codes = await Promise.all(Array.from({ length: COUNT }, () => codeOf(vault, body)));

    expect(codes.sort()).toEqual([...new Array<string>(COUNT - 1).fill('200 Duplicate'), '200 Sealed']);
    expect(await rowsOf(vault, wallet)).toEqual(ONE_SEALED);
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });

  test('of one wallet at different times leave the newest', async () => {
    const wallet = makeWallet();
    const versions = Array.from({ length: COUNT }, () => ({ ...wallet, materials: makeWallet().materials }));
    const bodies = versions.map((version, i) => createdOf(version, vault.webhook, { at: at(i - COUNT) }));

    const codes = await Promise.all(bodies.toReversed().map((body) => codeOf(vault, body)));

    expect(codes.filter((code) => !/^200 (Sealed|Outdated)$/.test(code))).toEqual([]);
    expect(await unsealWallet(vault, wallet)).toEqual(versions.at(-1)?.materials);
  });
});

describe('the very first created of a wallet and its revocation at once', () => {
  test.each([
    ['revoked after it was created: nothing opens, in whatever order they came', -1, 'Revoked'],
    ['revoked at the very time of its creation: nothing opens', 0, 'Revoked'],
  ])('%s', async (_what, seconds, code) => {
    const now = Date.now();
    const wallets = Array.from({ length: COUNT / 2 }, makeWallet);

    await Promise.all(
      wallets.flatMap((wallet) => [
        codeOf(vault, createdOf(wallet, vault.webhook, { at: new Date(now + seconds * 1_000) })),
        codeOf(vault, revokedOf(wallet, { at: new Date(now) })),
      ]),
    );

    for (const wallet of wallets) await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code });
  });

  test('revoked before it was created: it opens', async () => {
    const now = Date.now();
    const wallets = Array.from({ length: COUNT / 2 }, makeWallet);

    await Promise.all(
      wallets.flatMap((wallet) => [
        codeOf(vault, createdOf(wallet, vault.webhook, { at: new Date(now) })),
        codeOf(vault, revokedOf(wallet, { at: new Date(now - 1_000) })),
      ]),
    );

    for (const wallet of wallets) expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });
});
