import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ShareVaultClient, Wallet } from '../../client/index';
import { Fault } from './support/fault';
import { sealInput, serverKeySharesInput } from './support/inputs';
import { client as writer, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

const TTL_MS = 60_000;
const FIRST = '{"derivationPath":"m/44"}';
const SECOND = '{"derivationPath":"m/44","note":"für später"}';

const now = Date.now.bind(Date);
let laterMs = 0;
let client: ShareVaultClient;
let wallet: Wallet;

/** A new client, and a wallet with properties. */
beforeEach(async () => {
  laterMs = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => now() + laterMs);
  client = vault.client();
  const input = serverKeySharesInput({ walletProperties: FIRST });
  await writer.sealServerKeyShares(input);
  wallet = { walletId: input.walletId, chain: input.chain };
  vault.calls.length = 0;
});
afterEach(() => {
  jest.restoreAllMocks();
});

const asked = () => vault.calls.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
const replace = (by: ShareVaultClient, walletProperties: string, expectedVersion = 1) =>
  by.replaceWalletProperties({ ...wallet, walletProperties, expectedVersion });

/** Holds the response of the next invocation until the returned function is called. */
function holdNext(): () => void {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  vault.troubles.push({ response: (honest) => promise.then(() => honest) });
  return () => {
    resolve(undefined);
  };
}

describe('walletProperties', () => {
  test('asks the vault once, and then returns what it has', async () => {
    const first = await client.walletProperties(wallet);
    const second = await client.walletProperties(wallet);

    expect(first).toMatchObject({ version: 1, walletProperties: FIRST });
    expect(second).toEqual(first);
    expect(vault.calls).toMatchObject([{ functionName: 'vault-properties', qualifier: 'signer' }]);
    expect(asked()).toStrictEqual([wallet]);
  });

  test('returns an object that no caller can change for the next one', async () => {
    const properties: { walletProperties: string } = await client.walletProperties(wallet);

    expect(() => (properties.walletProperties = 'changed')).toThrow(TypeError);
  });

  test('asks for each wallet and each chain by itself', async () => {
    const other = { ...wallet, chain: 'SVM' };
    await client.walletProperties(wallet);

    await expect(client.walletProperties(other)).rejects.toThrowWithCode('NotFound');
    expect(asked()).toStrictEqual([wallet, other]);
  });

  test('asks whether the properties changed once they are too old, and needs no text if they did not', async () => {
    const first = await client.walletProperties(wallet);
    const responses: unknown[] = [];
    vault.troubles.push({ response: (honest) => responses[responses.push(honest) - 1] });
    laterMs = TTL_MS;

    const second = await client.walletProperties(wallet);
    const third = await client.walletProperties(wallet);

    expect([second, third]).toEqual([first, first]);
    expect(asked()).toStrictEqual([wallet, { ...wallet, ifNoneMatch: first.sha256 }]);
    expect(JSON.stringify(responses)).not.toContain('walletProperties');
  });

  test('returns properties that another client replaced, once its own are too old', async () => {
    await client.walletProperties(wallet);
    await replace(writer, SECOND);

    laterMs = TTL_MS - 1_000;
    const before = await client.walletProperties(wallet);
    laterMs = TTL_MS;
    const after = await client.walletProperties(wallet);

    expect(before).toMatchObject({ version: 1, walletProperties: FIRST });
    expect(after).toMatchObject({ version: 2, walletProperties: SECOND });
  });

  test('returns the present version if a later one has the known text again', async () => {
    await client.walletProperties(wallet);
    await replace(writer, SECOND);
    await replace(writer, FIRST, 2);
    laterMs = TTL_MS;

    expect(await client.walletProperties(wallet)).toMatchObject({ version: 3, walletProperties: FIRST });
  });

  test('asks again if the clock was set back', async () => {
    await client.walletProperties(wallet);
    laterMs = -1_000;

    await client.walletProperties(wallet);

    expect(vault.calls).toHaveLength(2);
  });

  test('asks the vault although an entry is young enough, if the caller wants a fresh one', async () => {
    const { sha256 } = await client.walletProperties(wallet);
    await replace(writer, SECOND);

    expect(await client.walletProperties(wallet, { fresh: true })).toMatchObject({ version: 2 });
    expect(await client.walletProperties(wallet)).toMatchObject({ version: 2 });
    expect(asked().slice(2)).toStrictEqual([{ ...wallet, ifNoneMatch: sha256 }]);
  });

  test('asks for another version than the newest each time', async () => {
    await replace(writer, SECOND);
    await client.walletProperties(wallet);
    vault.calls.length = 0;

    const first = await client.walletProperties(wallet, { version: 1 });
    const newest = await client.walletProperties(wallet, { version: 2 });

    expect([first.walletProperties, newest.walletProperties]).toEqual([FIRST, SECOND]);
    expect(asked()).toStrictEqual([{ ...wallet, version: 1 }]);
    expect(await client.walletProperties(wallet)).toEqual(newest);
  });

  test('does not keep a failure', async () => {
    vault.troubles.push({ fault: new Fault('NotFound', 'expected properties, got none') });
    await expect(client.walletProperties(wallet)).rejects.toThrowWithCode('NotFound');

    expect(await client.walletProperties(wallet)).toMatchObject({ version: 1 });
  });

  test('does not return properties that are too old, if the vault fails', async () => {
    await client.walletProperties(wallet);
    laterMs = TTL_MS;
    vault.troubles.push({ fault: new Fault('InternalError', 'broken') });

    await expect(client.walletProperties(wallet)).rejects.toThrowWithCode('InternalError');
  });

  test.each([
    ['of another text', { sha256: '0'.repeat(64) }],
    ['without a version', { version: undefined }],
    ['that is not true', { notModified: 'true' }],
  ])('refuses an unchanged response %s', async (_what, change) => {
    await client.walletProperties(wallet);
    vault.troubles.push({ response: (honest) => ({ ...honest, ...change }) });

    await expect(client.walletProperties(wallet, { fresh: true })).rejects.toThrowWithCode('ResponseRejected');
  });

  test('keeps no more wallets than it may', async () => {
    const small = vault.client({ propertiesCache: { maxEntries: 1 } });
    const input = sealInput({ walletProperties: SECOND });
    await writer.seal(input);
    vault.calls.length = 0;

    for (const each of [wallet, input, wallet]) await small.walletProperties(each);

    expect(vault.calls).toHaveLength(3);
  });

  test('keeps no more bytes than it may', async () => {
    const small = vault.client({ propertiesCache: { maxBytes: 1_048_576 } });
    const long = [1, 2, 3].map(() => sealInput({ walletProperties: ' '.repeat(262_144) }));
    for (const input of long) await writer.seal(input);
    vault.calls.length = 0;

    for (const input of [...long, ...long]) await small.walletProperties(input);

    expect(vault.calls).toHaveLength(6);
  });

  test('asks each time if the time limit is 0', async () => {
    const uncached = vault.client({ propertiesCache: { ttlMs: 0 } });

    await uncached.walletProperties(wallet);
    await uncached.walletProperties(wallet);

    expect(vault.calls).toHaveLength(2);
  });
});

describe('concurrent reads of a wallet', () => {
  test('share one call', async () => {
    const reads = await Promise.all([1, 2, 3].map(() => client.walletProperties(wallet)));

    expect(reads).toEqual([reads[0], reads[0], reads[0]]);
    expect(vault.calls).toHaveLength(1);
  });

  test('share a failure, which the next read does not', async () => {
    vault.troubles.push({ fault: new Fault('InternalError', 'broken') });

    const reads = await Promise.allSettled([client.walletProperties(wallet), client.walletProperties(wallet)]);

    expect(reads.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await client.walletProperties(wallet)).toMatchObject({ version: 1 });
  });

  test('go on if one of their callers aborts', async () => {
    const release = holdNext();
    const abort = new AbortController();
    const reason = new Error('no longer needed');
    const [first, second] = [
      client.walletProperties(wallet, { signal: abort.signal }),
      client.walletProperties(wallet),
    ];

    abort.abort(reason);

    await expect(first).rejects.toBe(reason);
    release();
    expect(await second).toMatchObject({ version: 1 });
    expect(vault.calls).toHaveLength(1);
  });

  test('end with their last caller, and the next read makes a call of its own', async () => {
    vault.troubles.push({ hang: true });
    const abort = new AbortController();
    const reads = [1, 2].map(() => client.walletProperties(wallet, { signal: abort.signal }));

    await vault.called(1);
    abort.abort();

    for (const read of reads) await expect(read).rejects.toThrow('aborted');
    expect(await client.walletProperties(wallet)).toMatchObject({ version: 1 });
  });

  test('do not include one that wants a fresh version', async () => {
    const release = holdNext();
    const before = client.walletProperties(wallet);
    await vault.called(1);

    await replace(writer, SECOND);
    const fresh = await client.walletProperties(wallet, { fresh: true });
    release();

    expect((await before).version).toBe(1);
    expect(fresh.version).toBe(2);
    expect((await client.walletProperties(wallet)).version).toBe(2);
  });
});

test('a read with an aborted signal throws its reason, cached or not', async () => {
  await client.walletProperties(wallet);
  const reason = new Error('no longer needed');

  await expect(client.walletProperties(wallet, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

describe('a write of the same client', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['that replaces the properties', () => replace(client, SECOND)],
    [
      'that seals a record with properties',
      () => client.seal(sealInput({ ...wallet, walletProperties: SECOND, expectedVersion: 1 })),
    ],
    [
      'that seals records with properties',
      () => client.sealMany([sealInput({ ...wallet, walletProperties: SECOND, expectedVersion: 1 })]),
    ],
  ])('%s is seen by its next read', async (_what, write) => {
    await client.walletProperties(wallet);

    await write();

    expect(await client.walletProperties(wallet)).toMatchObject({ version: 2, walletProperties: SECOND });
  });

  test('that revokes the wallet makes its next read ask the vault', async () => {
    await client.walletProperties(wallet);
    await client.revoke({ ...wallet, reason: 'user left' });
    vault.calls.length = 0;

    await client.walletProperties(wallet);

    expect(vault.calls).toHaveLength(1);
  });

  test('whose response was lost is seen by its next read', async () => {
    const once = vault.client({ attempts: 1 });
    await once.walletProperties(wallet);
    vault.troubles.push({ drop: 'after' });

    await expect(replace(once, SECOND)).rejects.toThrowWithCode('TransportFailed');

    expect(await once.walletProperties(wallet)).toMatchObject({ version: 2 });
  });

  test('outdates a read that is under way', async () => {
    const release = holdNext();
    const before = client.walletProperties(wallet);
    await vault.called(1);

    await replace(client, SECOND);
    release();

    expect((await before).version).toBe(1);
    expect((await client.walletProperties(wallet)).version).toBe(2);
  });
});

describe('walletProperties sends nothing and refuses', () => {
  test.each([
    ['a wallet without an id', {}, {}, 'walletId: expected a value, got none'],
    ['a chain in small letters', { walletId: 'w', chain: 'evm' }, {}, 'chain: expected 1 to 10 characters'],
    ['a version of 0', { walletId: 'w', chain: 'EVM' }, { version: 0 }, 'version: expected a whole number'],
  ])('%s', async (_what, of, options, message) => {
    const refused = client.walletProperties(of as Wallet, options);

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
    expect(vault.calls).toEqual([]);
  });
});
