import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import { PostgresResealRuns } from '../../../lambda/store/reseal-runs';
import type { Resealed, StaleRecord } from '../../../lambda/store/reseals';
import { Session } from '../../../lambda/store/session';
import { soon } from '../../support/postgres';
import { TABLE_OF, caller } from './fixtures';
import { KEYS, MATERIAL_IDS, TARGET, recordOf, resealed } from './reseal-support';
import { LISTED, claim, freezer, idsOf, reseals, run, sealed, stored, useReseals } from './reseals';
import { auditor, database, sealer, superuser } from './stores';

useReseals();

describe('a run', () => {
  test('counts what it did, and ends', async () => {
    await sealed();
    const failing = await sealed();
    const records = await claim();
    const resultOf = async (record: StaleRecord): Promise<Resealed> =>
      record.recordId === failing.recordId ? { record, code: 'MessageCorrupt' } : resealed(record);
    const results = await Promise.all(records.map(resultOf));
    await reseals.finish(run, results, soon());
    const ended = await reseals.end(run, LISTED, soon());

    expect(await reseals.end(run, LISTED, soon())).toEqual(ended);
    expect((await reseals.list(soon())).find((each) => each.run === run)).toEqual(ended);
    expect(ended).toMatchObject({
      ...TARGET,
      resealed: 1,
      changed: 0,
      failed: 1,
      endedAt: expect.stringMatching(/Z$/),
    });
    await expect(claim()).rejects.toThrowWithCode('Conflict');
    await expect(reseals.start(run, TARGET, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('goes on past a record that can not be opened, lists it, and leaves it to the next run', async () => {
    const failing = await sealed();
    const [record] = await claim();
    expect(await reseals.finish(run, record ? [{ record, code: 'MessageCorrupt' }] : [], soon())).toEqual(['failed']);
    await superuser.query("UPDATE vault.reseal_claims SET claimed_at = claimed_at - interval '1 hour'");
    expect(await claim()).toEqual([]);

    const { rows } = await superuser.query('SELECT * FROM vault_api.list_reseal_failures($1, NULL)', [run]);
    expect(rows).toMatchObject([{ record_id: failing.recordId, wallet_id: failing.walletId, code: 'MessageCorrupt' }]);
    await reseals.end(run, LISTED, soon());
    const next = randomUUID();
    await reseals.start(next, TARGET, soon());
    expect(idsOf(await claim(100, next))).toEqual([failing.recordId]);
  });

  test('takes the key and the material of its last step, and discards what was sealed under another key', async () => {
    const record = await sealed();
    const [claimed] = await claim();
    await reseals.start(run, { keyId: `${KEYS.present}-2`, keyMaterialId: MATERIAL_IDS.other }, soon());

    expect(await reseals.finish(run, claimed ? [await resealed(claimed)] : [], soon())).toEqual(['changed']);
    expect(await stored(record)).toMatchObject({ keyId: KEYS.former });
    expect(idsOf(await claim())).toEqual([record.recordId]);
  });

  test('counts and lists what is under a key that it may not open with, and never claims it', async () => {
    const unlisted = await sealed('server-key-shares', { keyId: 'arn:aws:kms:eu-central-1:111122223333:key/lost' });
    const record = await sealed();

    expect(idsOf(await claim())).toEqual([record.recordId]);
    expect(await reseals.end(run, LISTED, soon())).toMatchObject({ resealed: 0, failed: 1 });
    const { rows } = await superuser.query('SELECT * FROM vault_api.list_reseal_failures($1, NULL)', [run]);
    expect(rows).toMatchObject([{ record_id: unlisted.recordId, code: 'KeyNotListed' }]);
    expect(await auditor.log(unlisted, 1, 10, soon())).toEqual([]);
  });

  test('passes over a key that did not open, and counts and lists what is under it', async () => {
    const left = await sealed();
    const moved = await sealed('delegated-share', { keyId: `${KEYS.present}-2` });
    await reseals.passOver(run, KEYS.former, soon());
    await reseals.passOver(run, KEYS.former, soon());

    expect(idsOf(await claim())).toEqual([moved.recordId]);
    await superuser.query('DELETE FROM vault.delegated_shares WHERE id = $1', [moved.recordId]);
    expect(await reseals.left(run, LISTED, soon())).toBe('none');
    expect(await reseals.end(run, LISTED, soon())).toMatchObject({ resealed: 0, failed: 1 });
    const { rows } = await superuser.query('SELECT * FROM vault_api.list_reseal_failures($1, NULL)', [run]);
    expect(rows).toMatchObject([{ record_id: left.recordId, code: 'KeyUnavailable' }]);
  });

  test('counts a record once that failed before the run passed over its key', async () => {
    const failing = await sealed();
    await sealed();
    await sealed('server-key-shares');
    const record = (await claim()).find(({ recordId }) => recordId === failing.recordId);
    await reseals.finish(run, record ? [{ record, code: 'MessageCorrupt' }] : [], soon());
    await reseals.passOver(run, KEYS.former, soon());

    expect(await reseals.end(run, LISTED, soon())).toMatchObject({ resealed: 0, failed: 3 });
    expect(await reseals.end(run, LISTED, soon())).toMatchObject({ failed: 3 });
  });

  test('is listed with its receipt, and with the keys that records were under then, superseded ones too', async () => {
    const runs = new PostgresResealRuns(new Session(await database.settings('vault_auditor')));
    const first = await sealed();
    await sealer.seal(recordOf('delegated-share', first, { supersedes: first.recordId, ...TARGET }), caller, soon());
    await reseals.end(run, LISTED, soon());
    expect((await runs.list(soon()))[0]).not.toHaveProperty('receiptAt');
    const census = await reseals.census(soon());
    await reseals.writeReceipt(run, JSON.stringify({ run, census }), soon());

    expect((await runs.list(soon()))[0]).toMatchObject({
      run,
      receiptAt: expect.stringMatching(/Z$/),
      recordKeyIds: [KEYS.former, KEYS.present],
    });
  });

  test('counts what it did if a page ends before its last statement', async () => {
    const failing = await sealed();
    await claim();
    const session = await database.login('vault_resealer');
    await superuser.query('UPDATE vault.reseal_claims SET backend_pid = $1', [
      (await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid,
    ]);
    await session.query('SELECT vault_api.finish_reseal($1, $2)', [
      run,
      { kind: 'delegated-share', record_id: failing.recordId, code: 'MessageCorrupt' },
    ]);
    await session.end();

    expect(await reseals.end(run, LISTED, soon())).toMatchObject({ resealed: 0, failed: 1 });
  });

  test('meets a key material when it seals with it, however old the record is', async () => {
    const record = await sealed();
    await superuser.query("UPDATE vault.delegated_shares SET created_at = created_at - interval '300 days'");
    const [claimed] = await claim();
    await reseals.finish(run, claimed ? [await resealed(claimed, MATERIAL_IDS.other)] : [], soon());
    const { rows } = await superuser.query('SELECT * FROM vault.measure_materials($1)', [KEYS.present]);

    expect(await stored(record)).toMatchObject({ keyMaterialId: MATERIAL_IDS.other });
    expect(rows).toEqual([{ stale_records: '0', oldest_days: 0 }]);
  });

  test.each([
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['an object that has a name twice', '{"run":"RUN","run":"RUN"}'],
    ['of another run', '{"run":"another"}'],
  ])('refuses a receipt that is %s', async (_what, receipt) => {
    await reseals.end(run, LISTED, soon());

    await expect(reseals.writeReceipt(run, receipt.replaceAll('RUN', run), soon())).rejects.toThrowWithCode(
      'InternalError',
    );
    expect(await reseals.receipt(run, soon())).toBeUndefined();
  });

  test('does not pass over the key that it seals with', async () => {
    await expect(reseals.passOver(run, KEYS.present, soon())).rejects.toThrowWithCode('InternalError');
  });

  test('counts what a page did if one of its wallets is held by another session', async () => {
    const records = [await sealed(), await sealed(), await sealed()];
    const claimed = await Promise.all((await claim()).map((record) => resealed(record)));
    const other = await database.superuser();
    await other.query('BEGIN');
    await other.query('SELECT FROM vault.wallets WHERE wallet_id = $1 FOR UPDATE', [records[1]?.walletId]);
    const outcomes = await reseals.finish(run, claimed, soon());
    await other.query('ROLLBACK');

    expect([...outcomes].sort()).toEqual(['changed', 'resealed', 'resealed']);
    expect(records[1] && (await stored(records[1]))).toMatchObject({ keyId: KEYS.former });
    await superuser.query("UPDATE vault.reseal_claims SET claimed_at = claimed_at - interval '61 seconds'");
    expect(idsOf(await claim())).toEqual([records[1]?.recordId]);
    expect(await reseals.end(run, LISTED, soon())).toMatchObject({ resealed: 2, changed: 1 });
  });

  test.each(['', 'a b', 'a'.repeat(81), 'run:1'])(
    'is refused under the name %j, which no execution has',
    async (name) => {
      await expect(reseals.start(name, TARGET, soon())).rejects.toThrowWithCode('InternalError');
    },
  );

  test('knows whether what is left is claimed, frozen or nothing', async () => {
    const left = () => reseals.left(run, LISTED, soon());
    expect(await left()).toBe('none');
    await sealed();
    await claim();
    expect(await left()).toBe('claimed');
    const guard = { actor: 'guard', requestId: randomUUID() };
    await freezer.freeze({ scope: 'kind', name: 'delegated-share' }, 'ticket', guard, soon());
    expect(await left()).toBe('frozen');
    await sealed('server-key-shares');
    expect(await left()).toBe('claimed');
  });

  test('stops while everything is frozen, and goes on while callers are', async () => {
    const record = await sealed();
    await freezer.freeze({ scope: 'callers' }, 'ticket', { actor: 'guard', requestId: randomUUID() }, soon());
    expect(idsOf(await claim())).toEqual([record.recordId]);

    await superuser.query('DELETE FROM vault.reseal_claims');
    await freezer.freeze(
      { scope: 'kind', name: 'delegated-share' },
      'ticket',
      { actor: 'guard', requestId: randomUUID() },
      soon(),
    );
    expect(await claim()).toEqual([]);
    await freezer.freeze({ scope: 'all' }, 'ticket', { actor: 'guard', requestId: randomUUID() }, soon());
    await expect(claim()).rejects.toThrowWithCode('Frozen');
  });

  test('claims by the index while statistics say that most records are stale', async () => {
    await superuser.query(
      `WITH made AS (
        INSERT INTO vault.wallets (wallet_id, chain) SELECT 'many-' || n, 'EVM' FROM generate_series(1, 4000) AS n
          RETURNING wallet_id
      )
      INSERT INTO vault.delegated_shares (id, wallet_id, chain, encrypted_delegated_share, encrypted_wallet_api_key,
          encryption_key_id, key_material_id, order_ns)
        SELECT gen_random_uuid(), m.wallet_id, 'EVM', m.bytes, m.bytes, '${KEYS.former}', '', 1
          FROM (SELECT wallet_id, decode(repeat('ab', 500), 'hex') AS bytes FROM made) AS m`,
    );
    await superuser.query('ANALYZE vault.wallets, vault.delegated_shares');
    const scans = async (client: Pick<typeof superuser, 'query'>) => {
      await client.query('SELECT pg_stat_force_next_flush()');
      const query = "SELECT seq_scan::integer AS scans FROM pg_stat_user_tables WHERE relname = 'delegated_shares'";
      return (await superuser.query<{ scans: number }>(query)).rows[0]?.scans;
    };
    const resealer = await database.login('vault_resealer');
    const before = await scans(superuser);
    const call = "CALL vault_api.reseal_records($1, $2::text[], 100, 'request-1', NULL)";
    const { rows } = await resealer.query<{ records: unknown[] }>(call, [run, LISTED]);

    expect(rows[0]?.records).toHaveLength(100);
    expect(await scans(resealer)).toBe(before);
  });

  test('finds stale records by the index, among many of the target', async () => {
    await superuser.query('SET enable_seqscan = off');
    for (const kind of KINDS) {
      const { rows } = await superuser.query(
        `EXPLAIN SELECT s.id FROM ${TABLE_OF[kind]} AS s
          WHERE s.encryption_key_id = 'key' AND s.key_material_id < 'material' LIMIT 16`,
      );
      expect(JSON.stringify(rows)).toMatch(/Index (Only )?Scan (using|on) idx_\w+_material/);
    }
    await superuser.query('RESET enable_seqscan');
  });
});
