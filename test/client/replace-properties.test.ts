import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Wallet } from '../../client/index';
import { serverKeySharesInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

const FIRST = '{"externalServerKeySharesBackupInfo":{"a":1}}';
const SECOND = '{"externalServerKeySharesBackupInfo":{"a":2}}';
const WITHOUT = '{"note":"none"}';

let wallet: Wallet;
beforeEach(async () => {
  const { walletId, chain, serverKeyShares } = serverKeySharesInput();
  wallet = { walletId, chain };
  await client.sealServerKeyShares({ ...wallet, serverKeyShares, walletProperties: FIRST });
  vault.calls.length = 0;
});

const replace = (walletProperties: string, expectedVersion: number, force?: boolean) =>
  client.replaceWalletProperties({ ...wallet, walletProperties, expectedVersion, force });

describe('replaceWalletProperties', () => {
  test('replaces the version that it names, by way of the function that seals', async () => {
    const replaced = await replace(SECOND, 1);

    expect(replaced).toEqual({
      version: 2,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(vault.calls).toMatchObject([{ functionName: 'vault-seal', qualifier: 'signer' }]);
    expect(JSON.parse(vault.calls[0]?.payload ?? '')).toStrictEqual({
      action: 'replace-properties',
      ...wallet,
      walletProperties: SECOND,
      expectedVersion: 1,
    });
    expect(await client.properties(wallet)).toEqual({ ...replaced, walletProperties: SECOND });
  });

  test('fails if the wallet has another version by then', async () => {
    await replace(SECOND, 1);

    await expect(replace(FIRST, 1)).rejects.toThrowWithCode('VersionConflict');
    await expect(replace(FIRST, 3)).rejects.toThrowWithCode('VersionConflict');
    expect(await client.properties(wallet)).toMatchObject({ version: 2 });
  });

  test('does not lose backup information unless it is forced', async () => {
    await expect(replace(WITHOUT, 1)).rejects.toThrowWithCode('StaleWalletProperties');

    expect(await replace(WITHOUT, 1, true)).toMatchObject({ version: 2 });
  });

  test('is sent again if its response is lost, and returns the version that it made', async () => {
    vault.troubles.push({ drop: 'after' });

    expect(await replace(SECOND, 1)).toMatchObject({ version: 2 });
    expect(vault.calls[1]?.payload).toBe(vault.calls[0]?.payload);
    expect(await client.properties(wallet)).toMatchObject({ version: 2 });
  });

  test.each([
    ['of another text', { sha256: '0'.repeat(64) }],
    ['without a version', { version: undefined }],
    ['without a time', { createdAt: 7 }],
  ])('refuses a response %s', async (_what, change) => {
    vault.troubles.push({ response: (honest) => ({ ...honest, ...change }) });

    await expect(replace(SECOND, 1)).rejects.toThrowWithCode('ResponseRejected');
  });

  test.each([
    ['no text', { walletProperties: undefined }, 'walletProperties: expected a value, got none'],
    ['an object', { walletProperties: {} }, 'walletProperties: expected a string, got a value of type object'],
    [
      'a text over 256 KiB',
      { walletProperties: 'ü'.repeat(131_073) },
      'walletProperties: expected at most 262144 bytes',
    ],
    ['a version below 0', { expectedVersion: -1 }, 'expectedVersion: expected a whole number from 0'],
    ['an unknown member', { kind: 'server-key-shares' }, 'input: got an unknown member'],
  ])('refuses %s before it asks', async (_what, change, message) => {
    const input = { ...wallet, walletProperties: SECOND, expectedVersion: 1, ...change };

    const refused = client.replaceWalletProperties(input as never);

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
    expect(vault.calls).toEqual([]);
  });
});
