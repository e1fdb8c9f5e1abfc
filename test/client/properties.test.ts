import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Wallet } from '../../client/index';
import { sealInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

let wallet: Wallet;
const FIRST = '{"derivationPath":"m/44"}';
const SECOND = '{"derivationPath":"m/44","note":"für später"}';

/** A wallet that was sealed twice, with different properties. */
beforeAll(async () => {
  const input = sealInput({ walletProperties: FIRST });
  const { recordId } = await client.seal(input);
  await client.seal({ ...input, walletProperties: SECOND, expectedVersion: 1, supersedes: recordId });
  wallet = { walletId: input.walletId, chain: input.chain };
});

describe('properties', () => {
  test('returns the newest version, and sends no further member', async () => {
    const properties = await client.properties(wallet);

    expect(properties).toMatchObject({ version: 2, walletProperties: SECOND });
    expect(vault.calls).toMatchObject([{ functionName: 'vault-properties', qualifier: 'signer' }]);
    expect(JSON.parse(vault.calls[0]?.payload ?? '')).toStrictEqual(wallet);
  });

  test('returns the version that is asked for', async () => {
    const properties = await client.properties(wallet, { version: 1 });

    expect(properties).toMatchObject({ version: 1, walletProperties: FIRST });
    expect(properties.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(properties.createdAt).toMatch(/^\d{4}-/);
    expect(JSON.parse(vault.calls[0]?.payload ?? '')).toStrictEqual({ ...wallet, version: 1 });
  });

  test('of a wallet that has none are not found', async () => {
    const { walletId, chain } = sealInput();

    await expect(client.properties({ walletId, chain })).rejects.toThrowWithCode('NotFound');
  });

  test('are fetched again if the response is lost', async () => {
    vault.troubles.push({ drop: 'after' });

    expect(await client.properties(wallet)).toMatchObject({ version: 2 });
    expect(vault.calls).toHaveLength(2);
  });

  test('end with the signal', async () => {
    const reason = new Error('no longer needed');

    await expect(client.properties(wallet, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test.each<[string, (response: Readonly<Record<string, unknown>>) => unknown]>([
    ['of another version', (response) => ({ ...response, version: 1 })],
    ['of a version that is no number', (response) => ({ ...response, version: '2' })],
    ['whose text is another', (response) => ({ ...response, walletProperties: FIRST })],
    ['whose text is no text', (response) => ({ ...response, walletProperties: { derivationPath: 'm/44' } })],
    ['whose digest is another', (response) => ({ ...response, sha256: '0'.repeat(64) })],
    ['without a digest', ({ sha256: _, ...response }) => response],
    ['without a time', ({ createdAt: _, ...response }) => response],
  ])('refuses a response %s', async (_what, response) => {
    vault.troubles.push({ response });

    await expect(client.properties(wallet, { version: 2 })).rejects.toThrowWithCode('ResponseRejected');
  });
});
