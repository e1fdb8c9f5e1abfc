import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { WalletKey } from '../../../lambda/store/store';
import { verifyLog } from '../../../lambda/store/verify-log';
import { soon } from '../../support/postgres';
import { newWallet } from './fixtures';
import { appendAt, archiveOldest, keepBases, makePastMonths } from './log-months';
import { auditor, superuser, useStores } from './stores';

useStores(['auditor']);

interface Month {
  readonly name: string;
  /** before its last three weeks */
  readonly at: Date;
  readonly ends: Date;
}

/** The months that are attached, oldest first: each test archives some. */
async function months(): Promise<readonly [Month, Month, Month, Month]> {
  const { rows } = await superuser.query<{ name: string; ends: Date }>(
    "SELECT name, ends FROM vault_api.log_partitions() WHERE state = 'attached' AND ends IS NOT NULL ORDER BY ends LIMIT 4",
  );
  const all = rows.map(({ name, ends }) => ({ name, ends, at: new Date(Number(ends) - 20 * 86_400_000) }));
  return all as unknown as readonly [Month, Month, Month, Month];
}

const later = ({ at }: Month, days: number): Date => new Date(Number(at) + days * 86_400_000);
const verify = (wallet: WalletKey, request = {}) => verifyLog(auditor, wallet, request, soon());
const refused = (message: string) => ({ code: 'SV001', message: expect.stringContaining(message) as unknown });
const INTACT = { intact: true, complete: true };

let wallet: WalletKey;
let first: Month, second: Month, third: Month;
beforeAll(async () => {
  await makePastMonths(superuser, 40);
  await superuser.query('SELECT vault.note_log_retention(31)');
});
beforeEach(async () => {
  wallet = newWallet();
  [first, second, third] = await months();
});

/** As the owner past the functions: evidence is against everyone below. */
async function tamper(sql: string): Promise<void> {
  const names = ['vault.share_access_log', `vault.${first.name}`, `vault.${second.name}`];
  for (const name of names) await superuser.query(`ALTER TABLE ${name} DISABLE TRIGGER append_only`);
  await superuser.query(sql, [wallet.walletId]);
  for (const name of names) await superuser.query(`ALTER TABLE ${name} ENABLE ALWAYS TRIGGER append_only`);
}

async function appendInEach(): Promise<void> {
  for (const month of [first, first, second, second, third]) await appendAt(superuser, wallet, month.at);
}

describe('an archived month', () => {
  test('leaves logs that verify from its rows on, month after month, and after its last row', async () => {
    await appendInEach();
    const before = await verify(wallet);

    await archiveOldest(superuser);
    const once = await verify(wallet);
    await archiveOldest(superuser);
    await archiveOldest(superuser);
    const all = await verify(wallet);
    await appendAt(superuser, wallet, new Date());

    expect(before).toMatchObject({ ...INTACT, length: 5 });
    expect([once, all]).toEqual([before, before]);
    expect(await verify(wallet)).toMatchObject({ ...INTACT, length: 6 });
    expect(await auditor.archivedRows(wallet, soon())).toMatchObject([{ from: 1, sequence: 5 }]);
  });

  test('may have a row whose number is behind one of a later month, after a step of the clock', async () => {
    // rows 1 to 5: row 3 is in the first month, rows 2 and 4 are in the second
    for (const month of [first, second, first, second, third]) await appendAt(superuser, wallet, month.at);
    const whole = await verify(wallet);

    await archiveOldest(superuser);
    const spans = await auditor.archivedRows(wallet, soon());
    const between = await verify(wallet);
    await archiveOldest(superuser);

    expect(spans).toMatchObject([
      { from: 1, sequence: 1 },
      { from: 3, sequence: 3 },
    ]);
    expect([between, await verify(wallet)]).toEqual([whole, whole]);
    expect(whole).toMatchObject({ ...INTACT, length: 5 });
  });

  test('takes its place of former times to the next one, so that no row of a clock that goes back is in the default', async () => {
    await archiveOldest(superuser);
    await appendAt(superuser, wallet, first.at);
    const { rows } = await superuser.query(
      'SELECT tableoid::regclass::text AS name FROM vault.share_access_log WHERE wallet_id = $1',
      [wallet.walletId],
    );

    expect(rows).toEqual([{ name: `vault.${second.name}` }]);
  });

  test('is listed with the rows that it had, and with its manifest', async () => {
    await appendAt(superuser, wallet, first.at);
    const { rows: former } = await superuser.query(`SELECT count(*) FROM vault.${first.name}`);

    await archiveOldest(superuser);
    const { rows } = await superuser.query(
      'SELECT name, state, rows AS count, object_key, manifest_sha256 FROM vault_api.log_partitions() WHERE name = $1',
      [first.name],
    );

    const manifest_sha256 = createHash('sha256').update('manifest').digest();
    const archive = { state: 'archived', object_key: 'manifest', manifest_sha256 };
    expect(rows).toEqual([{ name: first.name, ...archive, ...(former[0] as object) }]);
    await expect(superuser.query('DELETE FROM vault.log_archives')).rejects.toMatchObject({ code: 'SV004' });
  });

  test('keeps its wallets known, and its rows in the heads of any later time', async () => {
    await appendAt(superuser, wallet, first.at, 'seal');
    const other = newWallet();
    await appendAt(superuser, other, first.at, 'revoke');
    const facts = async () => {
      const { rows } = await superuser.query<object>(
        `SELECT vault.is_known(w), (SELECT h.heads FROM vault_api.chain_heads_at($2, NULL, NULL, 5000) AS h) LIKE
            '%' || w.wallet_id || E'\\tEVM\\t1\\t' || encode(w.log_head, 'hex') || '%' AS has_head
          FROM vault.wallets AS w WHERE w.wallet_id = ANY ($1) ORDER BY w.wallet_id = $3 DESC`,
        [[wallet.walletId, other.walletId], later(first, 1), wallet.walletId],
      );
      return rows;
    };
    const before = await facts();

    await archiveOldest(superuser);

    expect(before).toEqual([
      { is_known: true, has_head: true },
      { is_known: false, has_head: true },
    ]);
    expect(await facts()).toEqual(before);
    const heads = superuser.query('SELECT * FROM vault_api.chain_heads_at($1, NULL, NULL, 1)', [later(first, -1)]);
    await expect(heads).rejects.toMatchObject(refused('expected a time after the archived rows'));
  });

  test('keeps its wallets in the list of those with rows in a span of time, if the rows may have been in it', async () => {
    await appendAt(superuser, wallet, first.at);
    const matches = async (from: Date, until: Date) => {
      const { rows } = await superuser.query<{ matches: boolean }>(
        `SELECT l.matches FROM vault_api.list_wallets($1, '', 1, $2, $3) AS l`,
        [wallet.walletId, from, until],
      );
      return rows[0]?.matches;
    };
    await superuser.query('UPDATE vault.wallets SET created_at = $2 WHERE wallet_id = $1', [wallet.walletId, first.at]);

    await archiveOldest(superuser);

    expect(await matches(later(first, -1), later(first, 1))).toBe(true);
    expect(await matches(later(first, 1), later(first, 2))).toBe(false);
    expect(await matches(later(first, -3), later(first, -2))).toBe(false);
  });
});

describe('verification finds', () => {
  test('a tampered end of the archived rows', async () => {
    await appendInEach();
    await archiveOldest(superuser);
    await superuser.query("UPDATE vault.log_bases SET hash = sha256('other') WHERE wallet_id = $1", [wallet.walletId]);

    expect(await verify(wallet)).toMatchObject({ intact: false, brokenAt: 3, problemCount: 1 });
  });

  test('an end of the archived rows that was moved behind rows that are left', async () => {
    await appendInEach();
    await archiveOldest(superuser);
    await superuser.query('UPDATE vault.log_bases SET sequence = 3 WHERE wallet_id = $1', [wallet.walletId]);

    expect(await verify(wallet)).toMatchObject({ intact: false, brokenAt: 4 });
  });

  test('a month that was dropped without an archive', async () => {
    await appendInEach();
    await archiveOldest(superuser);
    await superuser.query('BEGIN');
    await superuser.query(`DROP TABLE vault.${second.name}`);
    const { rows } = await superuser.query('SELECT * FROM vault_api.log_spans($1, $2)', [
      wallet.walletId,
      wallet.chain,
    ]);
    await superuser.query('COMMIT');

    expect(rows).toHaveLength(1);
    expect(await verify(wallet)).toMatchObject({ intact: false, brokenAt: 3, problem: 'expected row 3, got row 5' });
  });

  test('rows that were forgotten of the archived ones', async () => {
    await appendInEach();
    await archiveOldest(superuser);
    await superuser.query('DELETE FROM vault.log_bases WHERE wallet_id = $1', [wallet.walletId]);

    expect(await verify(wallet)).toMatchObject({ intact: false, brokenAt: 1, problem: 'expected row 1, got row 3' });
  });

  test('a row that was dropped before its month was archived, also after that', async () => {
    await appendInEach();
    await tamper('DELETE FROM vault.share_access_log WHERE wallet_id = $1 AND sequence = 3');
    const before = await verify(wallet);
    await archiveOldest(superuser);
    const between = await verify(wallet);
    await archiveOldest(superuser);

    expect([before, between, await verify(wallet)]).toEqual([before, before, before]);
    expect(before).toMatchObject({ intact: false, brokenAt: 3, problem: 'expected row 3, got row 4' });
  });

  test('a row that is there twice, in two months, also after one or both were archived', async () => {
    await appendInEach();
    await tamper(`INSERT INTO vault.share_access_log SELECT l.wallet_id, l.chain, l.sequence, '${second.at.toISOString()}', l.action,
      l.outcome, l.actor, l.request_id, l.record_id, l.reason, l.previous_hash, l.hash FROM vault.share_access_log AS l
      WHERE l.wallet_id = $1 AND l.sequence = 1`);
    const before = await verify(wallet);
    await archiveOldest(superuser);
    const between = await verify(wallet);
    await archiveOldest(superuser);

    expect(before).toMatchObject({ intact: false, problemCount: 1 });
    expect(between).toMatchObject({ intact: false, problem: 'expected row 3, got row 1', problemCount: 1 });
    expect(await verify(wallet)).toMatchObject({ intact: false });
  });
});

describe('a month is not dropped', () => {
  const finish = (name: string, rows: unknown = 0, bits: Buffer = Buffer.alloc(8)) =>
    superuser.query("SELECT vault.finish_log_partition($1, 'key', sha256('m'), $2, $3)", [name, rows, bits]);
  const read = (name: string) =>
    superuser.query('SELECT * FROM vault.read_log_partition($1, NULL, NULL, NULL, 10)', [name]);

  test('and not read, if it is not the oldest, is the default, or does not exist', async () => {
    for (const name of [second.name, 'share_access_log_default', 'share_access_log_1999_01', 'wallets']) {
      await expect(finish(name)).rejects.toMatchObject(refused('expected the oldest partition'));
      await expect(read(name)).rejects.toMatchObject(refused('expected the oldest partition'));
    }
  });

  test('and not read, if it is within the retention, or if there is none', async () => {
    const days = Math.ceil((Date.now() - Number(first.ends)) / 86_400_000);
    for (const kept of [null, days + 1]) {
      await superuser.query('SELECT vault.note_log_retention($1)', [kept]);
      await expect(finish(first.name)).rejects.toMatchObject(refused('older than the retention'));
      await expect(read(first.name)).rejects.toMatchObject(refused('older than the retention'));
    }
    await superuser.query('SELECT vault.note_log_retention($1)', [days - 1]);
    await expect(read(first.name)).resolves.toBeDefined();
    await superuser.query('SELECT vault.note_log_retention(31)');
  });

  test('if the archive has fewer rows, more, or others', async () => {
    await appendAt(superuser, wallet, first.at);
    const { rows } = await superuser.query<{ rows: string; bits: Buffer }>(
      `SELECT count(*) AS rows, int8send(bit_xor(vault.log_row_bits(hash))) AS bits FROM vault.${first.name}`,
    );
    const [{ rows: stored, bits } = { rows: '', bits: Buffer.alloc(8) }] = rows;
    await keepBases(superuser, first.name);

    await expect(finish(first.name, Number(stored) - 1, bits)).rejects.toMatchObject(refused('expected the archive'));
    await expect(finish(first.name, Number(stored) + 1, bits)).rejects.toMatchObject(refused('expected the archive'));
    await expect(finish(first.name, stored)).rejects.toMatchObject(refused('expected the archive'));
    await expect(finish(first.name, stored, bits)).resolves.toBeDefined();
    // the response was lost
    await expect(finish(first.name, stored, bits)).resolves.toBeDefined();
    await expect(finish(first.name, Number(stored) + 1, bits)).rejects.toMatchObject(refused('expected the oldest'));
  });
});

test('a month is read in pages, each wallet in the order of its rows, with the columns that the hash has', async () => {
  for (const month of [first, first, first]) await appendAt(superuser, wallet, month.at);
  const pages = [];
  for (let after: readonly unknown[] = [null, null, null]; ;) {
    const { rows } = await superuser.query<Record<string, unknown>>(
      'SELECT * FROM vault.read_log_partition($1, $2, $3, $4, 2)',
      [first.name, ...after],
    );
    const last = rows.at(-1);
    if (last === undefined) break;
    pages.push(...rows);
    after = [last.wallet_id, last.chain, last.sequence];
  }
  const { rows: all } = await superuser.query(
    `SELECT l.wallet_id, l.chain, l.sequence, vault.log_time(l.at) AS at, l.action, l.outcome, l.actor, l.request_id, l.record_id,
        l.reason, l.previous_hash, l.hash FROM vault.${first.name} AS l ORDER BY 1, 2, 3`,
  );

  expect(pages).toEqual(all);
  expect(pages.filter(({ wallet_id }) => wallet_id === wallet.walletId)).toHaveLength(3);
});
