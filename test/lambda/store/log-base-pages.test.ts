import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { WalletKey } from '../../../lambda/store/store';
import { verifyLog } from '../../../lambda/store/verify-log';
import { soon } from '../../support/postgres';
import { newWallet } from './fixtures';
import { appendAt, archiveOldest, keepBases, makePastMonths } from './log-months';
import { auditor, database, superuser, useStores } from './stores';

useStores(['auditor']);

interface Month {
  readonly name: string;
  readonly at: Date;
}

let wallet: WalletKey;
let first: Month;
let second: Month;
let third: Month;
beforeAll(async () => {
  await makePastMonths(superuser, 24);
  await superuser.query('SELECT vault.note_log_retention(31)');
});
beforeEach(async () => {
  wallet = newWallet();
  const { rows } = await superuser.query<{ name: string; ends: Date }>(
    "SELECT name, ends FROM vault_api.log_partitions() WHERE state = 'attached' AND ends IS NOT NULL ORDER BY ends LIMIT 3",
  );
  [first, second, third] = rows.map(({ name, ends }) => ({ name, at: new Date(Number(ends) - 20 * 86_400_000) })) as [
    Month,
    Month,
    Month,
  ];
});

const append = async (...months: readonly Month[]): Promise<void> => {
  for (const { at } of months) await appendAt(superuser, wallet, at);
};
const verify = () => verifyLog(auditor, wallet, {}, soon());
const spans = () => auditor.archivedRows(wallet, soon());
const keep = async (rows = 2): Promise<boolean | undefined> => {
  const { rows: read } = await superuser.query<{ done: boolean }>('SELECT vault.keep_log_bases($1, $2) AS done', [
    first.name,
    rows,
  ]);
  return read[0]?.done;
};
const factsOf = async (name: string) => {
  const { rows } = await superuser.query<{ rows: string; bits: Buffer }>(
    `SELECT count(*) AS rows, int8send(coalesce(bit_xor(vault.log_row_bits(hash)), 0)) AS bits FROM vault.${name}`,
  );
  return rows[0];
};
const finish = async () => {
  const facts = await factsOf(first.name);
  return superuser.query("SELECT vault.finish_log_partition($1, 'key', sha256('m'), $2, $3)", [
    first.name,
    facts?.rows,
    facts?.bits,
  ]);
};
const basesOf = async () => {
  const { rows } = await superuser.query<{ first: string; last: string }>(
    'SELECT first_sequence AS first, sequence AS last FROM vault.log_bases WHERE wallet_id = $1 ORDER BY 1',
    [wallet.walletId],
  );
  return rows.map((row) => [Number(row.first), Number(row.last)]);
};

describe('the bases of a month that is not dropped yet', () => {
  test('are kept page by page, and disturb neither a verification nor a list of archived rows', async () => {
    await append(first, first, first, first, first, second);
    const before = await verify();
    const seen = [];

    for (let done: boolean | undefined = false; done === false;) {
      done = await keep();
      seen.push([await spans(), await verify()]);
    }

    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual(seen.map(() => [[], before]));
    expect(before).toMatchObject({ intact: true, length: 6 });
    expect(await basesOf()).toEqual([[1, 5]]);
    await finish();
    expect(await verify()).toEqual(before);
    expect(await spans()).toMatchObject([{ from: 1, sequence: 5 }]);
  });

  test('are no reason to list its wallets by the time of archived rows', async () => {
    await append(first);
    await superuser.query('UPDATE vault.wallets SET created_at = $2 WHERE wallet_id = $1', [
      wallet.walletId,
      new Date(Number(first.at) - 86_400_000 * 3),
    ]);
    const matches = async () => {
      const [from, until] = [-2, -1].map((days) => new Date(Number(first.at) + days * 86_400_000));
      const { rows } = await superuser.query<{ matches: boolean }>(
        "SELECT l.matches FROM vault_api.list_wallets($1, '', 1, $2, $3) AS l",
        [wallet.walletId, from, until],
      );
      return rows[0]?.matches;
    };

    await keepBases(superuser, first.name);
    const before = await matches();
    await finish();

    expect([before, await matches()]).toEqual([false, true]);
  });

  test('have to be all kept before it is dropped', async () => {
    await append(first, first, first);

    await expect(finish()).rejects.toThrow('got rows that were not read');
    await keep();
    await expect(finish()).rejects.toThrow('got rows that were not read');
    await keepBases(superuser, first.name);
    await finish();
    expect(await spans()).toMatchObject([{ from: 1, sequence: 3 }]);
  });

  test('are kept from the start again if a row is added, also after all were read', async () => {
    await append(first, first, first);
    await keep();
    await append(first);
    await keepBases(superuser, first.name);
    await append(first);

    await expect(finish()).rejects.toThrow('got rows that were not read');
    await keepBases(superuser, first.name);

    expect(await basesOf()).toEqual([[1, 5]]);
    await finish();
    expect(await verify()).toMatchObject({ intact: true, length: 5 });
  });

  test('are not read beside a row that is added and not committed yet', async () => {
    const other = await database.superuser();
    await append(first);
    await other.query('BEGIN');
    await appendAt(other, wallet, first.at);
    await superuser.query("SET lock_timeout = '50ms'");

    await expect(keep()).rejects.toMatchObject({ code: '55P03' });
    await other.query('COMMIT');
    await superuser.query('RESET lock_timeout');
    await keepBases(superuser, first.name);

    expect(await basesOf()).toEqual([[1, 2]]);
    await finish();
  });
});

test.each([2, 3, 1_000])(
  'a link that is broken inside a month is reported after its drop, in pages of %d rows',
  async (page) => {
    await append(first, first, first);
    await superuser.query("UPDATE vault.wallets SET log_head = sha256('other') WHERE wallet_id = $1", [
      wallet.walletId,
    ]);
    await append(first, first, second);

    await keepBases(superuser, first.name, page);
    await finish();

    expect(await spans()).toMatchObject([
      { from: 1, sequence: 3 },
      { from: 4, sequence: 5 },
    ]);
    expect(await verify()).toMatchObject({
      intact: false,
      problems: [{ sequence: 4, problem: 'expected the hash of the row before, got another' }],
    });
  },
);

test('a wallet has two bases at most, however many months were dropped, and after steps of the clock', async () => {
  // rows 1 to 7
  await append(first, second, first, second, third, second, third);
  const before = await verify();
  for (let month = 0; month < 3; month += 1) {
    await archiveOldest(superuser);
    expect(await verify()).toEqual(before);
  }
  await append({ ...third, at: new Date() });
  const { rows } = await superuser.query<{ name: string; ends: Date }>(
    "SELECT name, ends FROM vault_api.log_partitions() WHERE state = 'attached' ORDER BY ends LIMIT 1",
  );
  await append({ name: '', at: new Date(Number(rows[0]?.ends) - 86_400_000) });
  await archiveOldest(superuser);

  expect(await basesOf()).toEqual([
    [1, 7],
    [9, 9],
  ]);
  expect(await spans()).toMatchObject([
    { from: 1, sequence: 7 },
    { from: 9, sequence: 9 },
  ]);
  expect(await verify()).toMatchObject({ intact: true, length: 9 });
});

test('the bases of a wallet with rows on both sides of a page, and of many wallets, are those of one page', async () => {
  const wallets = Array.from({ length: 7 }, newWallet);
  for (const each of wallets) for (let row = 0; row < 3; row += 1) await appendAt(superuser, each, first.at);
  const all = async () => {
    const { rows } = await superuser.query<object>(
      'SELECT b.* FROM vault.log_bases AS b WHERE b.begins_in = $1 ORDER BY b.wallet_id, b.first_sequence',
      [first.name],
    );
    return rows;
  };
  await keepBases(superuser, first.name, 1_000);
  const whole = await all();

  for (const page of [1, 2, 4, 5]) {
    await superuser.query('DELETE FROM vault.log_base_pages');
    await keepBases(superuser, first.name, page);
    expect(await all()).toEqual(whole);
  }
  expect(whole).toHaveLength(7);
});
