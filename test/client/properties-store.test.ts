import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { PropertiesStore, ShareVaultClient, ShareVaultClientOptions, Wallet } from '../../client/index';
import { serverKeySharesInput } from './support/inputs';
import { client as writer, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

const TTL_MS = 60_000;
const FIRST = '{"derivationPath":"m/44"}';
const SECOND = '{"derivationPath":"m/44","note":"für später"}';

const now = Date.now.bind(Date);
let laterMs = 0;
let wallet: Wallet;
let entries: Map<string, string>;

/** An empty store, and a wallet with properties. */
beforeEach(async () => {
  laterMs = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => now() + laterMs);
  entries = new Map();
  const input = serverKeySharesInput({ walletProperties: FIRST });
  await writer.sealServerKeyShares(input);
  wallet = { walletId: input.walletId, chain: input.chain };
  vault.calls.length = 0;
});
afterEach(() => {
  jest.restoreAllMocks();
});

const asked = () => vault.calls.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
const keyOf = (of: Wallet) =>
  `share-vault:properties:${JSON.stringify(['dev', 'vault-properties', of.walletId, of.chain])}`;

/** Returns a client as another process would have it: with an empty memory and the store. */
function processWith(
  store: PropertiesStore = entries,
  options: Partial<ShareVaultClientOptions> = {},
): ShareVaultClient {
  return vault.client({ propertiesCache: { store }, ...options });
}

/** Returns the entry that a client stores for the wallet, changed. */
async function entry(change: object = {}): Promise<string> {
  await processWith().walletProperties(wallet);
  vault.calls.length = 0;
  const stored = JSON.parse(entries.get(keyOf(wallet)) ?? '') as object;
  return JSON.stringify({ ...stored, ...change });
}

describe('a store that processes share', () => {
  test('saves the second process the call of the vault', async () => {
    const first = await processWith().walletProperties(wallet);

    const second = await processWith().walletProperties(wallet);

    expect(second).toEqual(first);
    expect(vault.calls).toHaveLength(1);
    expect([...entries.keys()]).toEqual([keyOf(wallet)]);
  });

  test('is told for how long an entry is of use', async () => {
    const set = jest.fn();

    await processWith({ get: () => null, set }).walletProperties(wallet);

    expect(set).toHaveBeenCalledWith(keyOf(wallet), expect.any(String), { ttlMs: TTL_MS });
  });

  test('is not asked by a process that has an entry in its memory', async () => {
    const get = jest.fn<PropertiesStore['get']>();
    const client = processWith({ get, set: () => undefined });

    await client.walletProperties(wallet);
    await client.walletProperties(wallet);

    expect(get).toHaveBeenCalledTimes(1);
  });

  test('is not asked if the caller wants a fresh version', async () => {
    await entry();
    await writer.replaceWalletProperties({ ...wallet, walletProperties: SECOND, expectedVersion: 1 });

    expect(await processWith().walletProperties(wallet, { fresh: true })).toMatchObject({ version: 2 });
    expect(await processWith().walletProperties(wallet)).toMatchObject({ version: 2 });
  });

  test('does not prolong the time for which an entry is used', async () => {
    await entry();
    laterMs = TTL_MS - 1_000;
    const second = processWith();
    await second.walletProperties(wallet);
    expect(vault.calls).toHaveLength(0);

    laterMs = TTL_MS;
    await second.walletProperties(wallet);

    expect(vault.calls).toHaveLength(1);
  });

  test('saves the text of a response, if its entry is too old but not changed', async () => {
    await entry();
    laterMs = TTL_MS;

    expect(await processWith().walletProperties(wallet)).toMatchObject({ version: 1, walletProperties: FIRST });
    expect(asked()).toStrictEqual([{ ...wallet, ifNoneMatch: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  });

  test('keeps the entries of other environments, functions, wallets and chains apart', async () => {
    await entry();
    const others = [
      processWith(entries, { environment: 'prod' }).walletProperties(wallet),
      processWith(entries, { functions: { properties: 'other-properties' } }).walletProperties(wallet),
      processWith().walletProperties({ ...wallet, chain: 'SVM' }),
      processWith().walletProperties({ ...wallet, walletId: `${wallet.walletId}","EVM` }),
    ];

    await Promise.allSettled(others);

    expect(vault.calls).toHaveLength(4);
  });

  test('has no entry after a write of a client that uses it', async () => {
    await entry();

    await processWith().replaceWalletProperties({ ...wallet, walletProperties: SECOND, expectedVersion: 1 });

    expect(await processWith().walletProperties(wallet)).toMatchObject({ version: 2, walletProperties: SECOND });
  });

  test('does not get the result of a read that a write has outdated', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    vault.troubles.push({ response: (honest) => promise.then(() => honest) });
    const client = processWith();
    const before = client.walletProperties(wallet);
    await vault.called(1);
    await client.replaceWalletProperties({ ...wallet, walletProperties: SECOND, expectedVersion: 1 });
    resolve(undefined);
    expect(await before).toMatchObject({ version: 1 });

    expect(await processWith().walletProperties(wallet)).toMatchObject({ version: 2 });
  });

  test('does not lead a process back to an older version', async () => {
    const older = await entry();
    await writer.replaceWalletProperties({ ...wallet, walletProperties: SECOND, expectedVersion: 1 });
    const client = processWith();
    await client.walletProperties(wallet, { fresh: true });
    laterMs = TTL_MS;
    entries.set(keyOf(wallet), JSON.stringify({ ...(JSON.parse(older) as object), validatedAt: Date.now() }));

    expect(await client.walletProperties(wallet)).toMatchObject({ version: 2 });
  });

  test('is not used if the time limit is 0', async () => {
    const client = vault.client({ propertiesCache: { ttlMs: 0, store: entries } });

    await client.walletProperties(wallet);

    expect(entries.size).toBe(0);
  });
});

test('a process does not get what it replaced from the store, where a slower reader put it back', async () => {
  const client = processWith();
  const before = await entry();
  await client.replaceWalletProperties({ ...wallet, walletProperties: '{"a":2}', expectedVersion: 1 });
  entries.set(keyOf(wallet), before);

  await expect(client.walletProperties(wallet)).resolves.toMatchObject({ version: 2 });
  await expect(processWith().walletProperties(wallet)).resolves.toMatchObject({ version: 2 });
});

describe('an entry of the store is not returned', () => {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');

  test.each<[string, (honest: string) => unknown]>([
    ['that is not JSON', (honest) => honest.slice(0, -1)],
    ['that is empty', () => ''],
    ['that is a list', () => '[]'],
    ['that is null in JSON', () => 'null'],
    ['that is bytes', (honest) => Buffer.from(honest)],
    ['that is an object', (honest) => JSON.parse(honest) as object],
    ['whose text was changed', (honest) => honest.replace('m/44', 'm/45')],
    ['without a text', (honest) => JSON.stringify({ ...(JSON.parse(honest) as object), walletProperties: undefined })],
    ['whose version is no number', (honest) => honest.replace('"version":1', '"version":"1"')],
    ['without the time at which it was true', (honest) => honest.replace('validatedAt', 'at')],
    [
      'that is longer than any',
      () => {
        const walletProperties = ' '.repeat(2_000_000);
        const facts = { version: 9, walletProperties, sha256: digest(walletProperties), createdAt: '' };
        return JSON.stringify({ ...facts, validatedAt: Date.now() });
      },
    ],
  ])('%s', async (_what, change) => {
    const odd = change(await entry());

    const read = processWith({ get: () => odd as string, set: () => undefined }).walletProperties(wallet);

    expect(await read).toMatchObject({ version: 1, walletProperties: FIRST });
    expect(asked()).toStrictEqual([wallet]);
  });

  test('before the vault was asked, if its time is ahead', async () => {
    entries.set(keyOf(wallet), await entry({ validatedAt: Date.now() + 1_000 }));

    await processWith().walletProperties(wallet);

    expect(vault.calls).toHaveLength(1);
  });

  test('and is overwritten by what the vault returned', async () => {
    const honest = await entry();
    entries.set(keyOf(wallet), 'odd');

    await processWith().walletProperties(wallet);

    expect(JSON.parse(entries.get(keyOf(wallet)) ?? '')).toEqual({
      ...(JSON.parse(honest) as object),
      validatedAt: expect.any(Number),
    });
  });
});

describe('a store does not fail a read or a write if', () => {
  const never = () => new Promise<never>(() => undefined);
  const fails = () => Promise.reject(new Error('no connection'));
  const throws = () => {
    throw new Error('no connection');
  };

  test.each<[string, () => never | Promise<never>]>([
    ['it throws', throws],
    ['it rejects', fails],
    ['it does not respond', never],
  ])('%s', async (_how, act) => {
    const client = processWith({ get: act, set: act });

    expect(await client.walletProperties(wallet)).toMatchObject({ version: 1 });
    await client.replaceWalletProperties({ ...wallet, walletProperties: SECOND, expectedVersion: 1 });
    expect(await client.walletProperties(wallet)).toMatchObject({ version: 2 });
  });
});
