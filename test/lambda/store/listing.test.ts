import { beforeAll, describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import type { ListedWallet } from '../../../lambda/contract/responses';
import type { Span, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import {
  at,
  caller,
  newDelivery,
  newRecord,
  newRecordOf,
  newWallet,
  serverKeyShares,
  withProperties,
} from './fixtures';
import { auditor, database, receiver, revoker, sealer, superuser, useStores } from './stores';

useStores(['receiver', 'sealer', 'revoker', 'auditor']);

const nameOf = ({ walletId, chain }: WalletKey) => `${walletId} ${chain}`;
const page = (after: WalletKey | undefined, limit: number, span: Span = {}) =>
  auditor.wallets(after, limit, span, soon());

/** Returns the wallets of all pages, a list for each page. */
async function pages(limit: number, span: Span = {}, after?: WalletKey): Promise<readonly (readonly string[])[]> {
  const { wallets, next } = await page(after, limit, span);
  const names = wallets.map(nameOf);
  return next === undefined ? [names] : [names, ...(await pages(limit, span, next))];
}

describe('the list of wallets', () => {
  const NAMES = ['a EVM', 'a SVM', 'ab EVM', 'b EVM', 'é EVM', '漢 EVM'];
  beforeAll(async () => {
    await superuser.query('TRUNCATE vault.wallets CASCADE');
    for (const name of NAMES.toReversed()) {
      const [walletId = '', chain = ''] = name.split(' ');
      await sealer.seal(newRecord({ walletId, chain }), caller, soon());
    }
  });

  test('has each wallet once, in one order, whatever the size of its pages', async () => {
    const [all = []] = await pages(100);
    expect(all.toSorted()).toEqual(NAMES.toSorted());
    expect(all.slice(0, 2)).toEqual(['a EVM', 'a SVM']);
    for (const limit of [1, 2, 4, 5]) expect((await pages(limit)).flat()).toEqual(all);
  });

  test('has an empty page after a last page that is full', async () => {
    const lengths = (await pages(3)).map((each) => each.length);
    expect(lengths).toEqual([3, 3, 0]);
    await expect(page(undefined, 6)).resolves.toHaveProperty('next');
    await expect(page(undefined, 7)).resolves.not.toHaveProperty('next');
  });

  test('goes on after a wallet that does not exist, and after a chain of one that does', async () => {
    const [all = []] = await pages(100);
    const after = async (walletId: string, chain: string) => (await page({ walletId, chain }, 100)).wallets.map(nameOf);
    await expect(after('a', 'FVM')).resolves.toEqual(all.slice(1));
    await expect(after('a', 'SVM')).resolves.toEqual(all.slice(2));
    await expect(after('aa', 'EVM')).resolves.toEqual(all.slice(2));
  });

  test('has at most 500 wallets in a page by hand, and none in a page of no or a negative length', async () => {
    const client = await database.login('vault_auditor');
    const count = async (limit: string) => {
      const call = `SELECT count(*)::integer FROM vault_api.list_wallets(NULL, NULL, ${limit}, NULL, NULL)`;
      return (await client.query<{ count: number }>(call)).rows[0]?.count;
    };
    await superuser.query("INSERT INTO vault.wallets SELECT 'many ' || n, 'EVM' FROM generate_series(1, 501) AS n");
    await expect(count('1000000')).resolves.toBe(500);
    for (const none of ['0', '-1', 'NULL']) await expect(count(none)).resolves.toBe(0);
    await superuser.query("DELETE FROM vault.wallets WHERE wallet_id LIKE 'many %'");
    await client.end();
  });
});

describe('a listed wallet', () => {
  const listed = async (wallet: WalletKey): Promise<ListedWallet | undefined> => {
    const { wallets } = await page(undefined, 500);
    return wallets.find((each) => nameOf(each) === nameOf(wallet));
  };

  test('has its live kinds, its properties’ version, and the head of its log', async () => {
    const wallet = newWallet();
    await sealer.seal(newRecord(wallet, withProperties('one')), caller, soon());
    await sealer.seal(newRecord(wallet, serverKeyShares()), caller, soon());
    const { length, hash } = await auditor.chainHead(wallet, soon());
    await expect(listed(wallet)).resolves.toEqual({
      ...wallet,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      kinds: KINDS,
      propertiesVersion: 1,
      length,
      head: Buffer.from(hash).toString('hex'),
    });
  });

  test.each(KINDS)('has only %s if it has nothing else', async (kind) => {
    const wallet = newWallet();
    const first = newRecordOf(kind, wallet);
    await sealer.seal(first, caller, soon());
    await sealer.seal(newRecordOf(kind, wallet, { supersedes: first.recordId }), caller, soon());
    await expect(listed(wallet)).resolves.toMatchObject({ kinds: [kind] });
    await expect(listed(wallet)).resolves.not.toHaveProperty('propertiesVersion');
  });

  test('has the tombstone of each kind that was revoked', async () => {
    const [both, server, byDynamic] = [newWallet(), newWallet(), newWallet()];
    const { revokedAt } = await revoker.revoke(both, KINDS, 'lost', caller, soon());
    await revoker.revoke(server, ['server-key-shares'], 'lost', caller, soon());
    await receiver.receiveRevoked(byDynamic, newDelivery(at(1)), soon());
    const time = revokedAt.toISOString();
    await expect(listed(both)).resolves.toMatchObject({ kinds: [], revokedAt: time, serverKeySharesRevokedAt: time });
    const [ofServer, ofDynamic] = [await listed(server), await listed(byDynamic)];
    expect(ofServer).toHaveProperty('serverKeySharesRevokedAt', expect.any(String));
    expect(ofServer).not.toHaveProperty('revokedAt');
    expect(ofDynamic).toHaveProperty('revokedAt', expect.any(String));
    expect(ofDynamic).not.toHaveProperty('serverKeySharesRevokedAt');
  });

  test('is not made by an attempt on an unknown wallet', async () => {
    const wallet = newWallet();
    const unsealer = await database.store('vault_unsealer');
    const attempt = unsealer.unsealAll([{ kind: 'delegated-share', ...wallet }], 'why', caller, soon());
    await expect(attempt).resolves.toMatchObject([{ name: 'NotFound' }]);
    await expect(listed(wallet)).resolves.toBeUndefined();
  });
});

describe('a span of time', () => {
  let wallet: WalletKey;
  let times: readonly string[];
  beforeAll(async () => {
    wallet = newWallet();
    for (const reason of ['a', 'b', 'c']) {
      await revoker.revoke(wallet, KINDS, reason, caller, soon());
      // rows of different milliseconds
      await superuser.query('SELECT pg_sleep(0.01)');
    }
    times = (await auditor.log(wallet, 0, 10, soon())).map(({ at: time }) => time);
  });
  const first = () => times[0] ?? '';
  const last = () => times[2] ?? '';
  const after = (time: string) => new Date(Date.parse(time) + 1).toISOString();
  const reasons = async (span: Span, from = 0, limit = 10) =>
    (await auditor.log(wallet, from, limit, soon(), span)).map(({ reason }) => reason);

  test('of a log includes its first millisecond, and excludes its last', async () => {
    await expect(reasons({ from: first(), until: last() })).resolves.toEqual(['a', 'b']);
    await expect(reasons({ from: after(first()), until: after(last()) })).resolves.toEqual(['b', 'c']);
    await expect(reasons({ from: last() })).resolves.toEqual(['c']);
    await expect(reasons({ until: first() })).resolves.toEqual([]);
    await expect(reasons({ until: after(first()) })).resolves.toEqual(['a']);
    await expect(reasons({ from: last(), until: first() })).resolves.toEqual([]);
    await expect(reasons({})).resolves.toEqual(['a', 'b', 'c']);
  });

  test('of a log is read in pages', async () => {
    await expect(reasons({ from: after(first()) }, 0, 1)).resolves.toEqual(['b']);
    await expect(reasons({ from: after(first()) }, 2, 1)).resolves.toEqual(['c']);
    await expect(reasons({ from: first() }, 0, 0)).resolves.toEqual([]);
  });

  test.each<[string, boolean, () => Span]>([
    ['that begins at its last row', true, () => ({ from: last() })],
    ['that begins after its last row', false, () => ({ from: after(last()) })],
    ['that ends at its first row', false, () => ({ until: first() })],
    ['that ends after its first row', true, () => ({ until: after(first()) })],
    ['between two of its rows', false, () => ({ from: after(first()), until: times[1] })],
    ['without limits', true, () => ({})],
  ])('%s has the wallet: %p', async (_, has, span) => {
    const names = (await pages(2, span())).flat();
    expect(names.includes(nameOf(wallet))).toBe(has);
  });

  test('without rows is read to its end, by pages without wallets', async () => {
    const read = await pages(2, { from: '2000-01-01T00:00:00.000Z', until: '2000-01-02T00:00:00.000Z' });
    expect(read.length).toBeGreaterThan(3);
    expect(read.flat()).toEqual([]);
  });
});
