import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import { soon } from '../../support/postgres';
import {
  MATERIAL,
  TABLE_OF,
  caller,
  deliveredRecord,
  minutesFromNow,
  newDelivery,
  newRecord,
  newRecordOf,
  newWallet,
} from './fixtures';
import { auditor, receiver, sealer, superuser, useStores } from './stores';

const OTHER = 'b2'.repeat(32);

useStores(['auditor', 'receiver', 'sealer']);

const materialsOf = async (wallet: ReturnType<typeof newWallet>) =>
  (await auditor.records(wallet, soon())).records.map(({ keyMaterialId }) => keyMaterialId);

describe('a record remembers the key material of its data keys:', () => {
  test.each(KINDS)('a sealed one of the kind %s', async (kind) => {
    const wallet = newWallet();
    await sealer.seal(newRecordOf(kind, wallet), caller, soon());

    expect(await materialsOf(wallet)).toEqual([MATERIAL]);
  });

  test('a delivered one', async () => {
    const wallet = newWallet();
    await receiver.receiveCreated(deliveredRecord(wallet), newDelivery(minutesFromNow(-1)), soon());

    expect(await materialsOf(wallet)).toEqual([MATERIAL]);
  });

  test('none, where its data keys have two or an older release sealed it', async () => {
    const wallet = newWallet();
    await sealer.seal(newRecord(wallet, { keyMaterialId: '' }), caller, soon());

    expect(await materialsOf(wallet)).toEqual([undefined]);
  });

  test.each([
    ['of the former release, by seal_records', "SELECT vault_api.seal_records($1::json, 'signer', 'request')"],
    [
      'of the former release, by accept_created',
      `SELECT vault_api.accept_created(gen_random_uuid(), $1::json ->> 'wallet_id', 'EVM', NULL, NULL, NULL, 's', 'k',
        'key', gen_random_uuid()::text, gen_random_uuid()::text, 1, 'request')`,
    ],
  ])('none for a call %s', async (_which, statement) => {
    const { walletId } = newWallet();
    const { recordId, transportIds } = newRecord(newWallet());
    const item = { kind: 'delegated-share', record_id: recordId, wallet_id: walletId, chain: 'EVM', key_id: 'key' };
    const bytes = { delegated_share: '\\x01', wallet_api_key: '\\x02', transport_ids: transportIds };
    const records = { ...item, ...bytes };
    await superuser.query(statement, [
      statement.includes('seal_records') ? JSON.stringify([records]) : JSON.stringify(records),
    ]);

    expect(await materialsOf({ walletId, chain: 'EVM' })).toEqual([undefined]);
  });

  test.each(['A1'.repeat(32), 'a1'.repeat(31), `${MATERIAL}00`, "'", `${MATERIAL}\n`])(
    'never a text that is no id of key material: %j',
    async (keyMaterialId) => {
      const sealed = sealer.seal(newRecord(newWallet(), { keyMaterialId }), caller, soon());
      await expect(sealed).rejects.toThrowWithCode('InternalError');
      const delivered = receiver.receiveCreated(
        deliveredRecord(newWallet(), { keyMaterialId }),
        newDelivery(minutesFromNow(-1)),
        soon(),
      );
      await expect(delivered).rejects.toThrowWithCode('InternalError');
    },
  );
});

describe('the census', () => {
  const key = `arn:aws:kms:eu-central-1:111122223333:key/${randomBytes(8).toString('hex')}`;
  const other = `${key}-other`;
  const ofKeys = async () => (await auditor.census(soon())).groups.filter(({ keyId }) => [key, other].includes(keyId));

  beforeAll(async () => {
    const wallet = newWallet();
    const first = newRecord(wallet, { keyId: key });
    await sealer.seal(first, caller, soon());
    await sealer.seal(
      newRecord(wallet, { keyId: key, keyMaterialId: OTHER, supersedes: first.recordId }),
      caller,
      soon(),
    );
    await sealer.seal(newRecord(newWallet(), { keyId: key }), caller, soon());
    await sealer.seal(newRecord(newWallet(), { keyId: key, keyMaterialId: '' }), caller, soon());
    await sealer.seal(newRecordOf('server-key-shares', newWallet(), { keyId: other }), caller, soon());
  });

  test('counts records by kind, key and key material, and superseded ones among them', async () => {
    const groups = await ofKeys();

    const counts = groups.map(({ oldest: _time, ...group }) => group);
    expect(counts).toHaveLength(4);
    expect(counts).toEqual(
      expect.arrayContaining([
        { kind: 'delegated-share', keyId: key, keyMaterialId: MATERIAL, records: 2, superseded: 1 },
        { kind: 'delegated-share', keyId: key, keyMaterialId: OTHER, records: 1, superseded: 0 },
        { kind: 'delegated-share', keyId: key, records: 1, superseded: 0 },
        { kind: 'server-key-shares', keyId: other, keyMaterialId: MATERIAL, records: 1, superseded: 0 },
      ]),
    );
  });

  test('says when the oldest record of each group was made', async () => {
    const [group] = await ofKeys();
    const { rows } = await superuser.query<{ oldest: Date }>(
      `SELECT min(created_at) AS oldest FROM ${TABLE_OF['delegated-share']}
        WHERE encryption_key_id = $1 AND key_material_id = $2`,
      [key, group?.keyMaterialId ?? ''],
    );

    expect(group?.oldest).toBe(rows[0]?.oldest.toISOString());
  });

  test('counts from the index of keys and materials, without a scan of the records', async () => {
    await superuser.query('SET enable_seqscan = off');
    const { rows } = await superuser.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT encryption_key_id, key_material_id, count(*), min(created_at) FROM vault.delegated_shares
        GROUP BY encryption_key_id, key_material_id`,
    );
    await superuser.query('RESET enable_seqscan');

    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(
      /Index Only Scan using idx_delegated_shares_material/,
    );
  });
});
