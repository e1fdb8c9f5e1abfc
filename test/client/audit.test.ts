import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccessLogEntry, SealInput, ShareVaultClient, Wallet } from '../../client/index';
import { FakeVault } from './support/fake-vault';
import { REASON, sealInput, unsealInput } from './support/inputs';

let vault: FakeVault;
let client: ShareVaultClient;
let input: SealInput;

/** A wallet that was sealed and opened four times: five entries, three pages. */
beforeAll(async () => {
  vault = await FakeVault.start();
  client = vault.client();
  input = sealInput();
  await client.seal(input);
  const opened = [1, 2, 3, 4].map(() => client.unseal(unsealInput(input)));
  for (const record of await Promise.all(opened)) record.dispose();
});
afterAll(() => vault.stop());
beforeEach(() => {
  vault.calls.length = 0;
  vault.troubles.length = 0;
});

const asked = () => vault.calls.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
async function entriesOf(log: AsyncIterable<AccessLogEntry>): Promise<AccessLogEntry[]> {
  return Array.fromAsync(log);
}
const wallet = (): Wallet => ({ walletId: input.walletId, chain: 'EVM' });

describe('accessLog', () => {
  test('gives all entries in order over all pages', async () => {
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

  test('sends a page whose answer is lost again', async () => {
    vault.troubles.push({ drop: 'after' });

    expect(await entriesOf(client.accessLog(wallet()))).toHaveLength(5);
    expect(vault.calls).toHaveLength(4);
  });

  test.each([0, 1, 2])('refuses a second page that leads back to %d, which would never end', async (next) => {
    vault.troubles.push({ answer: (page) => page }, { answer: (page) => ({ ...page, next }) });

    await expect(entriesOf(client.accessLog(wallet()))).rejects.toThrowWithCode('AnswerRejected');
    expect(vault.calls).toHaveLength(2);
  });

  test.each<[string, (page: Readonly<Record<string, unknown>>) => unknown]>([
    ['without entries', ({ next }) => ({ next })],
    ['whose entries are none', () => ({ entries: ['entry'] })],
    ['with an entry of another action', () => ({ entries: [{ sequence: 1, at: '', action: 'open' }] })],
    ['whose next is no number', (page) => ({ ...page, next: '2' })],
  ])('refuses a page %s', async (_what, answer) => {
    vault.troubles.push({ answer });

    await expect(entriesOf(client.accessLog(wallet()))).rejects.toThrowWithCode('AnswerRejected');
  });

  test('ends with the signal', async () => {
    const reason = new Error('enough');

    await expect(entriesOf(client.accessLog(wallet(), { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  });
});

describe('verifyAccessLog', () => {
  test('gives the head and the length of an intact log', async () => {
    const entries = await entriesOf(client.accessLog(wallet()));

    const verified = await client.verifyAccessLog(wallet());

    expect(verified).toEqual({ intact: true, length: 5, head: entries[4]?.hash });
  });

  test('says where a log is broken', async () => {
    const other = sealInput();
    await client.seal(other);
    const { entries } = vault.functions.ledgerOf(other.walletId);
    entries.splice(0, 1, ...entries.slice(0, 1).map((entry) => ({ ...entry, actor: 'another' })));

    const verified = await client.verifyAccessLog({ walletId: other.walletId, chain: 'EVM' });

    expect(verified).toMatchObject({
      intact: false,
      brokenAt: 1,
      problem: 'hash',
      problems: [{ sequence: 1, problem: 'hash' }],
      problemCount: 1,
    });
  });

  test.each([
    ['says neither', { length: 1, head: '00' }],
    ['says so in words', { intact: 'true', length: 1, head: '00' }],
    ['has no head', { intact: true, length: 1 }],
  ])('refuses an answer that %s', async (_what, answer) => {
    vault.troubles.push({ answer: () => answer });

    await expect(client.verifyAccessLog(wallet())).rejects.toThrowWithCode('AnswerRejected');
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
    expect(await client.records({ walletId, chain })).toEqual({ records: [], revokedAt: expect.any(String) });
    expect(vault.calls[1]).toMatchObject({ functionName: 'vault-revoke', qualifier: 'signer' });
    expect(asked()[1]).toStrictEqual({ walletId, chain, reason: 'user left' });
  });

  test('revoke refuses an answer without a count', async () => {
    vault.troubles.push({ answer: ({ unreadableAfter }) => ({ unreadableAfter }) });

    const revoked = client.revoke({ walletId: 'other', chain: 'EVM', reason: 'user left' });

    await expect(revoked).rejects.toThrowWithCode('AnswerRejected');
  });
});
