import { beforeAll, describe, expect, test } from '@jest/globals';
import type { SealInputOf } from '../../client/index';
import { sealInput, serverKeySharesInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

let inputs: readonly SealInputOf<'delegated-share'>[];
let between: string;

/** Five wallets, the last of them sealed later than the others: three pages. */
beforeAll(async () => {
  inputs = Array.from({ length: 5 }, () => sealInput()).toSorted((a, b) => (a.walletId < b.walletId ? -1 : 1));
  for (const input of inputs.slice(0, 4)) await client.seal(input);
  await new Promise((resolve) => setTimeout(resolve, 2));
  between = new Date().toISOString();
  for (const input of inputs.slice(4)) await client.seal(input);
});

const asked = () => vault.calls.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
const names = () => inputs.map(({ walletId }) => walletId);

describe('wallets', () => {
  test('lists all wallets, page by page', async () => {
    const wallets = await Array.fromAsync(client.wallets());

    expect(wallets.map(({ walletId }) => walletId)).toEqual(names());
    expect(wallets[0]).toMatchObject({ chain: 'EVM', kinds: ['delegated-share'], length: 1 });
    expect(vault.calls).toMatchObject([1, 2, 3].map(() => ({ functionName: 'vault-audit', qualifier: 'signer' })));
    expect(asked()).toStrictEqual([
      { action: 'wallets' },
      { action: 'wallets', after: { walletId: names()[1], chain: 'EVM' } },
      { action: 'wallets', after: { walletId: names()[3], chain: 'EVM' } },
    ]);
  });

  test('fetches no page before it is needed', async () => {
    const wallets = client.wallets();
    expect(vault.calls).toHaveLength(0);

    await wallets.next();
    await wallets.next();

    expect(vault.calls).toHaveLength(1);
  });

  test('continues after a wallet, of which it sends only the name', async () => {
    const wallets = await Array.fromAsync(client.wallets({ after: inputs[2] }));

    expect(wallets.map(({ walletId }) => walletId)).toEqual(names().slice(3));
    expect(asked()[0]).toStrictEqual({ action: 'wallets', after: { walletId: names()[2], chain: 'EVM' } });
  });

  test('lists the wallets that have rows in a span of time', async () => {
    const later = await Array.fromAsync(client.wallets({ from: between }));
    const earlier = await Array.fromAsync(client.wallets({ until: between }));

    expect(later.map(({ walletId }) => walletId)).toEqual(names().slice(4));
    expect(earlier.map(({ walletId }) => walletId)).toEqual(names().slice(0, 4));
    expect(asked()[1]).toStrictEqual({ action: 'wallets', until: between });
  });

  test.each<[string, (honest: Readonly<Record<string, unknown>>) => unknown]>([
    ['leads back to the wallet that it followed', (honest) => ({ ...honest, next: inputs[1] })],
    ['is no list', (honest) => ({ ...honest, wallets: {} })],
    ['has a wallet without an id', (honest) => ({ ...honest, wallets: [{ chain: 'EVM' }] })],
  ])('refuses a page that %s', async (_what, response) => {
    vault.troubles.push({ response });

    const wallets = Array.fromAsync(client.wallets({ after: inputs[1] }));

    await expect(wallets).rejects.toThrowWithCode('ResponseRejected');
    expect(vault.calls).toHaveLength(1);
  });

  test.each([
    [
      'a time without a zone',
      { from: '2026-01-31T12:00:00' },
      'from: expected a time such as 2026-01-31T12:00:00.000Z',
    ],
    ['a time that is a Date', { until: new Date() }, 'until: expected a string, got a value of type object'],
    ['a wallet without a chain', { after: { walletId: 'w' } }, 'after.chain: expected a value, got none'],
  ])('refuses %s before it asks', async (_what, options, message) => {
    const refused = client.wallets(options as never).next();

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
    expect(vault.calls).toEqual([]);
  });

  test('ends with the signal', async () => {
    const reason = new Error('no longer needed');

    await expect(client.wallets({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
  });
});

describe('accessLog', () => {
  test('returns the rows of a span of time', async () => {
    const input = serverKeySharesInput();
    const { recordId } = await client.sealServerKeyShares(input);
    await new Promise((resolve) => setTimeout(resolve, 2));
    const from = new Date().toISOString();
    await client.sealServerKeyShares({ ...input, supersedes: recordId });
    vault.calls.length = 0;

    const later = await Array.fromAsync(client.accessLog(input, { from }));
    const earlier = await Array.fromAsync(client.accessLog(input, { until: from }));

    expect(later.map(({ sequence }) => sequence)).toEqual([2]);
    expect(earlier.map(({ sequence }) => sequence)).toEqual([1]);
    expect(asked()[0]).toStrictEqual({ action: 'log', walletId: input.walletId, chain: 'EVM', from });
  });

  test('refuses a time in another form before it asks', async () => {
    const refused = client.accessLog({ walletId: 'w', chain: 'EVM' }, { from: 'yesterday' }).next();

    await expect(refused).rejects.toThrow('arguments of log: from: expected a time such as 2026-01-31T12:00:00.000Z');
    expect(vault.calls).toEqual([]);
  });
});

describe('revoke', () => {
  test('destroys only the kinds that it names', async () => {
    const { walletId, chain, serverKeyShares } = serverKeySharesInput();
    await client.seal(sealInput({ walletId }));
    await client.sealServerKeyShares({ walletId, chain, serverKeyShares });
    vault.calls.length = 0;

    const response = await client.revoke({ walletId, chain, reason: 'user left', kinds: ['server-key-shares'] });

    expect(response).toMatchObject({ revoked: 1, known: true });
    expect(asked()).toStrictEqual([{ walletId, chain, reason: 'user left', kinds: ['server-key-shares'] }]);
    expect((await client.records({ walletId, chain })).records).toMatchObject([{ kind: 'delegated-share' }]);
  });

  test('tells a wallet that was never seen from one whose records were destroyed before', async () => {
    const input = sealInput();
    const revoke = (walletId: string) => client.revoke({ walletId, chain: 'EVM', reason: 'user left' });
    await client.seal(input);
    await revoke(input.walletId);

    expect(await revoke(input.walletId)).toMatchObject({ revoked: 0, known: true });
    expect(await revoke('mistyped')).toMatchObject({ revoked: 0, known: false });
  });

  test.each([
    ['no kind', [], 'kinds: expected a kind'],
    ['an unknown kind', ['share'], 'kinds.0: expected delegated-share or server-key-shares'],
    ['a text of a kind', 'delegated-share', 'kinds: expected a list of kinds'],
  ])('refuses %s before it asks', async (_what, kinds, message) => {
    const refused = client.revoke({ walletId: 'w', chain: 'EVM', reason: 'r', kinds: kinds as never });

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
    expect(vault.calls).toEqual([]);
  });
});
