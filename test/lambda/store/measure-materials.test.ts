import { describe, expect, test } from '@jest/globals';
import { measureMaterials } from '../../../lambda/store/measure-materials';
import { migrate } from '../../../lambda/store/migrate';
import { PostgresRetiredKeys } from '../../../lambda/store/retired-keys';
import { Session } from '../../../lambda/store/session';
import { soon } from '../../support/postgres';
import { caller } from './fixtures';
import { KEYS, MATERIAL_IDS, TARGET, recordOf } from './reseal-support';
import { claim, resealAll, reseals, run, sealed, useReseals } from './reseals';
import { database, sealer, superuser } from './stores';

useReseals();

const PRESENT = { keyId: KEYS.present, keyMaterialId: MATERIAL_IDS.present };
const OLD = { keyId: KEYS.present, keyMaterialId: MATERIAL_IDS.old };

const measure = (key: string = KEYS.present) => measureMaterials(superuser, key);
/** A database that has met no material yet. */
const forget = () => superuser.query('DELETE FROM vault.materials');
const seenDaysAgo = (days: number, { keyId, keyMaterialId } = PRESENT) =>
  superuser.query(
    `INSERT INTO vault.materials (key_id, key_material_id, first_seen_at) VALUES ($1, $2, now() - make_interval(days => $3))
      ON CONFLICT (key_id, key_material_id) DO UPDATE SET first_seen_at = EXCLUDED.first_seen_at`,
    [keyId, keyMaterialId, days],
  );
const madeDaysAgo = (days: number) =>
  superuser.query('UPDATE vault.delegated_shares SET created_at = now() - make_interval(days => $1)', [days]);

describe('the count of stale records', () => {
  test('has those of another key, of a former material and of an unknown one, superseded ones too', async () => {
    await seenDaysAgo(90, OLD);
    const first = await sealed('delegated-share', OLD);
    await sealer.seal(recordOf('delegated-share', first, { supersedes: first.recordId, ...PRESENT }), caller, soon());
    await sealed('server-key-shares', { ...PRESENT, keyMaterialId: '' });
    await sealed('server-key-shares', { ...PRESENT, keyId: KEYS.former });

    expect(await measure()).toMatchObject({ staleRecords: 3 });
  });

  test('is of the material that the last reseal led to, before a record is sealed under it', async () => {
    await forget();
    await seenDaysAgo(90, OLD);
    await sealed('delegated-share', OLD);
    expect(await measure()).toMatchObject({ staleRecords: 0 });
    await reseals.start(run, TARGET, soon());

    expect(await measure()).toMatchObject({ staleRecords: 1 });
  });

  test('is of the material of the last seal, if a rotation started no reseal', async () => {
    await forget();
    await sealed('delegated-share', OLD);
    await madeDaysAgo(90);
    expect(await measure()).toMatchObject({ staleRecords: 0 });
    await sealed('server-key-shares', PRESENT);

    expect(await measure()).toMatchObject({ staleRecords: 1 });
  });

  test('is 0 after a reseal, and without records', async () => {
    expect(await measure()).toEqual({ staleRecords: 0, oldestMaterialDays: 0 });
    await sealed('delegated-share', OLD);
    await resealAll();
    expect(await claim()).toEqual([]);

    expect(await measure()).toMatchObject({ staleRecords: 0 });
  });

  test('has no record of the share key if the materials of that have no ids, and every record of other keys', async () => {
    await sealed('delegated-share', { keyId: 'google-kms:key', keyMaterialId: '' });
    await sealed('delegated-share', OLD);

    expect(await measure('google-kms:key')).toMatchObject({ staleRecords: 1 });
  });
});

describe('the days of the oldest material', () => {
  test('are those since the vault met it, however old its records are', async () => {
    await seenDaysAgo(40);
    await sealed('delegated-share', PRESENT);
    await madeDaysAgo(400);

    expect(await measure()).toMatchObject({ oldestMaterialDays: 40 });
  });

  test('are those of the oldest that a record needs', async () => {
    await seenDaysAgo(40);
    await seenDaysAgo(130, OLD);
    await sealed('server-key-shares', PRESENT);
    expect(await measure()).toMatchObject({ oldestMaterialDays: 40 });
    await sealed('server-key-shares', OLD);

    expect(await measure()).toMatchObject({ oldestMaterialDays: 130 });
  });

  test('are those of the oldest record, of a material that the vault did not know and of an unknown one', async () => {
    await forget();
    await sealed('delegated-share', PRESENT);
    await madeDaysAgo(12);
    expect(await measure()).toMatchObject({ oldestMaterialDays: 12 });
    await forget();
    await superuser.query("UPDATE vault.delegated_shares SET key_material_id = ''");

    expect(await measure()).toMatchObject({ oldestMaterialDays: 12 });
  });

  test('have no age if no record is under a key of AWS KMS any more, so that the alarm ends', async () => {
    await sealed('delegated-share', { keyId: 'google-kms:key', keyMaterialId: '' });

    expect(await measure('google-kms:key')).toEqual({ staleRecords: 0, oldestMaterialDays: 0 });
  });
});

describe('a migration', () => {
  test('measures for the first of its share keys', async () => {
    await seenDaysAgo(3);
    await sealed('delegated-share', PRESENT);
    const master = await database.login('share_vault_master');
    const measured = await migrate(master, { shareKeys: [KEYS.present] });

    expect(measured).toMatchObject({ staleRecords: 0, oldestMaterialDays: 3 });
  });

  test('goes on with a warning if the materials can not be measured, and destroys what is expired', async () => {
    const first = await sealed('delegated-share', PRESENT);
    await sealer.seal(recordOf('delegated-share', first, { supersedes: first.recordId, ...PRESENT }), caller, soon());
    await superuser.query(
      "UPDATE vault.delegated_shares SET superseded_at = now() - interval '31 days' WHERE id = $1",
      [first.recordId],
    );
    await superuser.query('ALTER FUNCTION vault_api.census() RENAME TO census_elsewhere');
    const migrated = await migrate(await database.login('share_vault_master'), { shareKeys: [KEYS.present] }).finally(
      () => superuser.query('ALTER FUNCTION vault_api.census_elsewhere() RENAME TO census'),
    );

    expect(migrated.warnings).toEqual(['records on former key materials could not be measured']);
    expect(migrated).not.toHaveProperty('staleRecords');
    const { rows } = await superuser.query('SELECT FROM vault.delegated_shares WHERE id = $1', [first.recordId]);
    expect(rows).toEqual([]);
  });

  test('measures nothing of a vault with bodies elsewhere, which are never resealed', async () => {
    const master = await database.login('share_vault_master');
    const measured = await migrate(master, { shareKeys: [KEYS.present], bodyStore: { place: 'elsewhere' } });

    expect(measured).not.toHaveProperty('staleRecords');
    expect(measured).not.toHaveProperty('oldestMaterialDays');
  });
});

describe('a share key that only opens is retired', () => {
  const retired = async (millisecondsAgo = 0, keyIds: readonly string[] = [KEYS.former]) =>
    new PostgresRetiredKeys(new Session(await database.settings('vault_unsealer'))).count(
      keyIds,
      millisecondsAgo,
      soon(),
    );
  const sealingBy = (key: string) => superuser.query('SELECT vault.note_sealing_key($1, false)', [key]);
  /** Ends the run of a test, or one more that leads to a key, with a receipt of the records that there are. */
  const receipt = async (keyId: string = KEYS.present, of = run) => {
    if (of !== run) await reseals.start(of, { ...TARGET, keyId }, soon());
    await reseals.end(of, [], soon());
    const census = await reseals.census(soon());
    await reseals.writeReceipt(of, JSON.stringify({ run: of, keyId, census }), soon());
  };
  /** Each test begins after a deploy that let the keys trade places. */
  const traded = async () => {
    await sealingBy(KEYS.former);
    await sealingBy(KEYS.present);
  };

  test('by a receipt without a record under it, and not while a record needs it', async () => {
    await traded();
    await sealed();
    await receipt();
    expect(await retired()).toBe(0);
    await superuser.query('DELETE FROM vault.delegated_shares');
    await receipt(KEYS.present, 'second');

    expect(await retired()).toBe(1);
    expect(await retired(0, [KEYS.former, KEYS.present, 'next'])).toBe(2);
  });

  test('for openings after the receipt: one that began before it may have met the last record', async () => {
    await traded();
    await receipt();

    expect(await retired(60_000)).toBe(0);
  });

  test('for good: an old row that somebody brought back changes nothing, though later receipts count it', async () => {
    await traded();
    await receipt();
    await sealed();
    await receipt(KEYS.present, 'old-row');

    expect(await retired()).toBe(1);
  });

  test('until it seals again: receipts of before the last trade of places say nothing', async () => {
    await traded();
    await receipt();
    expect(await retired()).toBe(1);
    await traded();

    expect(await retired()).toBe(0);
  });

  test('by no receipt of a run that led to it', async () => {
    await traded();
    const listed = 'INSERT INTO vault.share_keys (key_id) VALUES ($1) ON CONFLICT DO NOTHING';
    await superuser.query(listed, [KEYS.former]);
    await receipt(KEYS.former, 'back');

    expect(await retired()).toBe(0);
  });

  test('by no receipt of before the keys that seal were noted: after an update, the next one counts', async () => {
    await superuser.query('DELETE FROM vault.sealing_keys');
    await receipt();

    expect(await retired()).toBe(0);
  });
});
