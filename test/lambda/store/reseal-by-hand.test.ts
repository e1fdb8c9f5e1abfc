import { describe, expect, test } from '@jest/globals';
import { PostgresReseals } from '../../../lambda/store/reseals';
import { Session } from '../../../lambda/store/session';
import type { WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { caller, outcomes, query } from './fixtures';
import { KEYS, TARGET, requireOwn, resealed } from './reseal-support';
import { claim, reseals, run, sealed, stored, useReseals } from './reseals';
import { database, superuser, unsealer } from './stores';

useReseals();

describe('with the login of the function in hand', () => {
  test('another record’s messages are not accepted, nor those of another material', async () => {
    const [one, two] = [await sealed(), await sealed()];
    const claims = await claim();
    const [first, second] = [one, two].map(({ recordId }) => claims.find((each) => each.recordId === recordId));
    if (first === undefined || second === undefined) throw new Error('expected two claims');
    const other = await resealed(second);
    const moved = 'sealed' in other ? other.sealed : {};
    const swapped = { delegatedShare: first.sealed.walletApiKey, walletApiKey: first.sealed.delegatedShare };

    for (const sealedAs of [moved, swapped, { delegatedShare: Buffer.from('x'), walletApiKey: Buffer.from('y') }]) {
      const item = { record: first, sealed: sealedAs, ...TARGET };
      expect(await reseals.finish(run, [item], soon())).toEqual(['changed']);
      await superuser.query(
        `INSERT INTO vault.reseal_claims (record_id, run, backend_pid)
          SELECT $1::uuid, $2, backend_pid FROM vault.reseal_claims LIMIT 1 ON CONFLICT DO NOTHING`,
        [first.recordId, run],
      );
    }
    await requireOwn(one.recordId, (await unsealer.unseal(query(one), caller, soon())).sealed);
  });

  test('no run leads to a key that the vault does not have, under which a record would refuse every deploy', async () => {
    await superuser.query('INSERT INTO vault.share_keys (key_id) VALUES ($1)', [KEYS.former]);
    const client = await database.login('vault_resealer');
    const start = (key: string) => client.query("SELECT vault_api.start_reseal('by-hand', $1, '')", [key]);

    await expect(start('arn:aws:kms:us-east-1:111122223333:key/stranger')).rejects.toThrow(/a share key of the vault/);
    await expect(start(KEYS.former)).resolves.toBeDefined();
    await superuser.query('TRUNCATE vault.share_keys');
  });

  test('a record that this session did not claim is not replaced', async () => {
    const record = await sealed();
    const [claimed] = await claim();
    const other = new PostgresReseals(new Session(await database.settings('vault_resealer')));

    expect(await other.finish(run, claimed ? [await resealed(claimed)] : [], soon())).toEqual(['changed']);
    expect(await stored(record)).toMatchObject({ keyId: KEYS.former });
  });

  test('nothing is opened without the procedure, in a transaction block, or twice', async () => {
    await sealed();
    const client = await database.login('vault_resealer');
    const begin = `SELECT vault_api.begin_reseal('${run}', '{}', 1, 'q')`;

    await expect(client.query(begin)).rejects.toThrow(/by hand/);
    await client.query('BEGIN');
    await expect(client.query(`CALL vault_api.reseal_records('${run}', '{}', 1, 'q', NULL)`)).rejects.toThrow(
      /transaction/,
    );
    await client.query('ROLLBACK');
    await expect(client.query('SELECT vault_api.redeem_reseal(gen_random_uuid())')).rejects.toThrow();
  });

  test('it opens no record for a caller, and no unsealer reseals', async () => {
    const asResealer = await database.login('vault_resealer');
    const asUnsealer = await database.login('vault_unsealer');
    const unseal = "CALL vault_api.unseal_records('[]'::json, 'r', 'a', 'q', NULL)";

    await expect(asResealer.query(unseal)).rejects.toThrow(/permission denied/);
    await expect(asUnsealer.query(`CALL vault_api.reseal_records('${run}', '{}', 1, 'q', NULL)`)).rejects.toThrow(
      /permission denied/,
    );
  });

  test('a swap changes the sealed columns, the key, the material and the time of the reseal, and nothing else', async () => {
    const record = await sealed();
    const before = await rowOf(record);
    const [claimed] = await claim();
    const item = claimed && (await resealed(claimed));
    await reseals.finish(run, item ? [Object.assign(item, { access_count: 9, user_id: 'thief' })] : [], soon());

    const after = await rowOf(record);
    const changed = Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
    expect(changed.sort()).toEqual([
      'encrypted_delegated_share',
      'encrypted_wallet_api_key',
      'encryption_key_id',
      'key_material_id',
      'resealed_at',
    ]);
  });

  test('what was claimed is on record, whatever its caller does next', async () => {
    const record = await sealed();
    const client = await database.login('vault_resealer');
    await client.query(`CALL vault_api.reseal_records($1, $2::text[], 1, 'q', NULL)`, [run, [KEYS.former]]);
    await superuser.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'vault_resealer'",
    );

    expect(await outcomes(superuser, record)).toEqual(['seal sealed', 'reseal granted']);
  });

  test('a sample is on record too', async () => {
    const record = await sealed();
    await reseals.sample({ keyIds: [KEYS.former], seen: [], allKinds: false, limit: 1 }, 'request-1', soon());

    expect(await outcomes(superuser, record)).toEqual(['seal sealed', 'reseal verified']);
  });

  test.each([
    ["SELECT vault_api.begin_reseal('run', '{key}', 1, 'q')"],
    ["SELECT vault_api.begin_reseal_sample('{key}', '{}', false, 1, 'q')"],
    ["SELECT vault_api.count_reseals('run', '{resealed}')"],
  ])('past its procedure this is refused: %s', async (call) => {
    const client = await database.login('vault_resealer');
    await expect(client.query(call)).rejects.toThrow(/by hand/);
  });

  test.each([
    ["CALL vault_api.reseal_records('run', '{key}', 1, 'q', NULL)"],
    ["CALL vault_api.sample_reseals('{key}', '{}', false, 1, 'q', NULL)"],
  ])('in a transaction block, which it could roll back, this is refused: %s', async (call) => {
    const record = await sealed();
    const client = await database.login('vault_resealer');
    await client.query('BEGIN');

    await expect(client.query(call)).rejects.toThrow(/transaction/);
    await client.query('ROLLBACK');
    expect(await outcomes(superuser, record)).toEqual(['seal sealed']);
  });

  test('under a snapshot of an earlier time nothing is opened', async () => {
    await sealed();
    const client = await database.login('vault_resealer');
    await client.query("SET default_transaction_isolation = 'repeatable read'");

    const call = client.query('CALL vault_api.reseal_records($1, $2::text[], 1, $3, NULL)', [run, [KEYS.former], 'q']);
    await expect(call).rejects.toThrow(/isolation level/);
  });
});

async function rowOf({ recordId }: WalletKey & { readonly recordId: string }): Promise<Record<string, unknown>> {
  const { rows } = await superuser.query<{ row: Record<string, unknown> }>(
    'SELECT to_jsonb(s) AS row FROM vault.delegated_shares AS s WHERE id = $1',
    [recordId],
  );
  return rows[0]?.row ?? {};
}
