import { describe, expect, test } from '@jest/globals';
import { asked, entriesOf, useAuditedWallet, wallet } from './support/audited-wallet';
import { REASON, sealInput } from './support/inputs';
import { client, vault } from './support/use-fake-vault';

useAuditedWallet();

describe('accessLog', () => {
  test('returns all entries in order over all pages', async () => {
    const entries = await entriesOf(client.accessLog(wallet()));

    expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(entries[1]).toMatchObject({ action: 'unseal', outcome: 'granted', actor: 'signer', reason: REASON });
    expect(entries[1]?.previousHash).toBe(entries[0]?.hash);
    expect(asked().map(({ after }) => after)).toEqual([undefined, 2, 4]);
    expect(vault.calls[0]).toMatchObject({ functionName: 'vault-audit', qualifier: 'signer' });
  });

  test('starts after the entry that it is given', async () => {
    const entries = await entriesOf(client.accessLog(wallet(), { after: 3 }));

    expect(entries.map(({ sequence }) => sequence)).toEqual([4, 5]);
  });

  test('fetches no page that is not needed', async () => {
    for await (const entry of client.accessLog(wallet())) {
      expect(entry.sequence).toBe(1);
      break;
    }

    expect(vault.calls).toHaveLength(1);
  });

  test('asks for a page again if its response is lost', async () => {
    vault.troubles.push({ drop: 'after' });

    expect(await entriesOf(client.accessLog(wallet()))).toHaveLength(5);
    expect(vault.calls).toHaveLength(4);
  });

  test.each([0, 1, 2])('refuses a second page that leads back to %d, which would never end', async (next) => {
    vault.troubles.push({ response: (page) => page }, { response: (page) => ({ ...page, next }) });

    await expect(entriesOf(client.accessLog(wallet()))).rejects.toThrowWithCode('ResponseRejected');
    expect(vault.calls).toHaveLength(2);
  });

  test.each<[string, (page: Readonly<Record<string, unknown>>) => unknown]>([
    ['without entries', ({ next }) => ({ next })],
    ['whose entries are none', () => ({ entries: ['entry'] })],
    ['with an entry of another action', () => ({ entries: [{ sequence: 1, at: '', action: 'open' }] })],
    ['whose next is no number', (page) => ({ ...page, next: '2' })],
  ])('refuses a page %s', async (_what, response) => {
    vault.troubles.push({ response });

    await expect(entriesOf(client.accessLog(wallet()))).rejects.toThrowWithCode('ResponseRejected');
  });

  test('ends with the signal', async () => {
    const reason = new Error('enough');

    await expect(entriesOf(client.accessLog(wallet(), { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  });
});

describe('records and revoke', () => {
  test('records lists what the vault holds of a wallet', async () => {
    const { records, revokedAt } = await client.records(wallet());

    expect(records).toMatchObject([{ kind: 'delegated-share', userId: 'user-1', accessCount: 4 }]);
    expect(revokedAt).toBeUndefined();
  });

  test('revoke destroys it, once', async () => {
    const other = sealInput();
    const { walletId, chain } = other;
    await client.seal(other);

    const first = await client.revoke({ walletId, chain, reason: 'user left' });
    const second = await client.revoke({ walletId, chain, reason: 'user left' });

    expect([first.revoked, second.revoked]).toEqual([1, 0]);
    expect(first.unreadableAfter).toMatch(/^\d{4}-/);
    expect(await client.records({ walletId, chain })).toEqual({
      records: [],
      revokedAt: expect.any(String),
      serverKeySharesRevokedAt: expect.any(String),
    });
    expect(vault.calls[1]).toMatchObject({ functionName: 'vault-revoke', qualifier: 'signer' });
    expect(asked()[1]).toStrictEqual({ walletId, chain, reason: 'user left' });
  });

  test('revoke refuses a response without a count', async () => {
    vault.troubles.push({ response: ({ unreadableAfter }) => ({ unreadableAfter }) });

    const revoked = client.revoke({ walletId: 'other', chain: 'EVM', reason: 'user left' });

    await expect(revoked).rejects.toThrowWithCode('ResponseRejected');
  });
});
