import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { migrate } from '../../../lambda/store/migrate';
import { PostgresResealRuns } from '../../../lambda/store/reseal-runs';
import { Session } from '../../../lambda/store/session';
import { soon } from '../../support/postgres';
import { KEYS } from './reseal-support';
import { database, superuser, useStores } from './stores';

useStores([]);

const THIRD = 'arn:aws:kms:eu-central-1:111122223333:key/third';
let runs: PostgresResealRuns;
beforeAll(async () => {
  runs = new PostgresResealRuns(new Session(await database.settings('vault_auditor')));
});
beforeEach(async () => {
  const triggers = (state: string) =>
    ['reseal_receipts', 'kept_receipts'].map((table) => `ALTER TABLE vault.${table} ${state} TRIGGER append_only;`);
  await superuser.query(`BEGIN; ${triggers('DISABLE').join('')}
    TRUNCATE vault.kept_receipts, vault.reseal_receipts, vault.reseal_runs, vault.reseal_failures,
      vault.reseal_unusable_keys, vault.sealing_keys, vault.share_keys, vault.generations;
    ${triggers('ENABLE ALWAYS').join('')} COMMIT`);
});

const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
/** A run that ended so many days ago, with a receipt that has records under these keys. */
async function receipt(days: number, keyId: string, recordKeyIds: readonly string[], text?: string): Promise<string> {
  const [run, at] = [`run-${randomUUID()}`, ago(days)];
  await superuser.query(
    `INSERT INTO vault.reseal_runs (run, key_id, key_material_id, started_at, last_step_at, ended_at)
      VALUES ($1, $2, '', $3, $3, $3)`,
    [run, keyId, at],
  );
  await superuser.query(
    `INSERT INTO vault.reseal_receipts (run, written_at, receipt, sha256) VALUES ($1, $2, $3, sha256('x'))`,
    [run, at, text ?? JSON.stringify({ run, census: recordKeyIds.map((key) => ({ keyId: key })) })],
  );
  return at.toISOString();
}
/** A key that sealed from so many days ago on: until a day, or until now. */
const noted = (keyId: string, first: number, last: number) =>
  superuser.query('INSERT INTO vault.sealing_keys VALUES ($1, $2, $3, $4)', [
    keyId,
    ago(first),
    ago(last),
    last === 0 ? 'infinity' : ago(last),
  ]);
/** What is known of a key, without the time until when it sealed. */
const known = async (key: string) => {
  const { sealedUntil: _, ...rest } = (await runs.formerKeys(soon())).find(({ keyId }) => keyId === key) ?? {};
  return rest;
};

describe('a former share key', () => {
  test('is free since the first receipt without a record under it after it last sealed', async () => {
    await noted(KEYS.former, 100, 60);
    await noted(KEYS.present, 60, 0);
    await receipt(59, KEYS.present, [KEYS.present]);
    await receipt(57, KEYS.present, [KEYS.present, KEYS.former]);
    const first = await receipt(50, KEYS.present, [KEYS.present]);
    await receipt(1, KEYS.present, [KEYS.present]);

    expect(await known(KEYS.former)).toEqual({ keyId: KEYS.former, wasShareKey: true, freeSince: first });
  });

  test('is not free since a receipt from before it sealed, if it sealed between two receipts and no run led to it', async () => {
    await noted(KEYS.present, 100, 0);
    await noted(THIRD, 20, 10);
    await receipt(60, KEYS.present, [KEYS.present]);
    const after = await receipt(5, KEYS.present, [KEYS.present]);

    expect(await known(THIRD)).toMatchObject({ freeSince: after });
  });

  test('is never free while it is the share key', async () => {
    await noted(KEYS.present, 100, 0);
    await receipt(10, KEYS.former, []);

    expect(await known(KEYS.present)).toEqual({ keyId: KEYS.present, wasShareKey: true });
  });

  test('counts as sealing while a run led to it, although no deploy noted it', async () => {
    await noted(KEYS.present, 100, 0);
    await receipt(30, THIRD, []);
    const after = await receipt(20, KEYS.present, [KEYS.present]);

    expect(await known(THIRD)).toEqual({ keyId: THIRD, wasShareKey: true, freeSince: after });
  });

  test('that was never noted is free since a receipt after the first note of any key: nothing is known of the time before', async () => {
    await noted(KEYS.present, 10, 0);
    await superuser.query('INSERT INTO vault.share_keys (key_id) VALUES ($1)', [KEYS.former]);
    await receipt(60, KEYS.present, [KEYS.present]);
    expect(await known(KEYS.former)).toEqual({ keyId: KEYS.former, wasShareKey: false });
    const after = await receipt(5, KEYS.present, [KEYS.present]);

    expect(await known(KEYS.former)).toMatchObject({ freeSince: after });
  });

  test('is free since a receipt after a restore: the restored database does not know what sealed since the backup', async () => {
    await noted(KEYS.present, 100, 0);
    await noted(KEYS.former, 100, 90);
    await receipt(60, KEYS.present, [KEYS.present]);
    await superuser.query('INSERT INTO vault.generations (generation, seen_at) VALUES ($1, $2)', ['restored', ago(30)]);
    const after = await receipt(20, KEYS.present, [KEYS.present]);

    expect(await known(KEYS.former)).toMatchObject({ freeSince: after });
  });

  test('is known by all receipts, not only by those of the last 50 runs', async () => {
    await noted(KEYS.former, 100, 90);
    await noted(KEYS.present, 90, 0);
    const first = await receipt(80, KEYS.present, [KEYS.present]);
    for (let hours = 60; hours > 0; hours -= 1) await receipt(hours / 24, KEYS.present, [KEYS.present]);

    expect(await known(KEYS.former)).toEqual({ keyId: KEYS.former, wasShareKey: true, freeSince: first });
  });

  test.each([
    ['is no JSON', 'x'],
    ['has no census', '{}'],
    ['has a census that is no list', '{"census":"x"}'],
    ['has a group without a key', '{"census":[{"records":1}]}'],
    ['has a character that JSON in the database can not hold', '{"census":[{"keyId":"\\u0000"}]}'],
  ])('may be under a receipt that %s, and the runs are listed nevertheless', async (_what, text) => {
    await noted(KEYS.former, 100, 90);
    await noted(KEYS.present, 90, 0);
    await receipt(80, KEYS.present, [KEYS.present]);
    await receipt(70, KEYS.present, [], text);
    expect(await known(KEYS.former)).not.toHaveProperty('freeSince');
    expect((await runs.list(soon())).map(({ receiptAt }) => receiptAt !== undefined)).toEqual([false, true]);
    const after = await receipt(60, KEYS.present, [KEYS.present]);

    expect(await known(KEYS.former)).toMatchObject({ freeSince: after });
  });
});

describe('the list of runs', () => {
  test.each([
    ['no counts', '{}'],
    ['a count that is no number', '{"opened":"1","mismatched":0,"failed":0}'],
    ['a count that is no whole number', '{"opened":1.5,"mismatched":0,"failed":0}'],
    ['a count of what was not compared that is none', '{"opened":1,"mismatched":0,"failed":0,"uncompared":null}'],
    ['a count that no caller can read', '{"opened":1e40,"mismatched":0,"failed":0}'],
  ])('leaves out the sample of a receipt that has %s', async (_what, sample) => {
    await receipt(2, KEYS.present, [], `{"census":[],"sample":${sample}}`);
    await receipt(1, KEYS.present, [], '{"census":[],"sample":{"opened":3,"mismatched":0,"failed":0}}');

    const listed = await runs.list(soon());
    expect(listed.map((each) => each.sample)).toEqual([{ opened: 3, mismatched: 0, failed: 0 }, undefined]);
  });
});

describe('the deploys of a vault', () => {
  const deploy = async (shareKeys: readonly string[], isSweep = false) =>
    migrate(await database.login('share_vault_master'), { shareKeys, isSweep });
  /** Minutes from now until when a key seals. */
  const sealsFor = async (key: string) => {
    const query = "SELECT extract(epoch FROM sealed_until - now()) / 60 AS minutes FROM vault.sealing_keys WHERE key_id = $1"; // prettier-ignore
    return Number((await superuser.query<{ minutes: string }>(query, [key])).rows[0]?.minutes);
  };

  test('note the key that seals, and that the former one does for an hour more', async () => {
    await deploy([KEYS.former, KEYS.present]);
    expect(await sealsFor(KEYS.former)).toBe(Infinity);
    await deploy([KEYS.present, KEYS.former]);

    expect(await sealsFor(KEYS.present)).toBe(Infinity);
    expect(await sealsFor(KEYS.former)).toBeGreaterThan(58);
    expect(await sealsFor(KEYS.former)).toBeLessThanOrEqual(60);
  });

  test('do not end what a later sweep of the former version says: both keys may seal until the next deploy', async () => {
    await deploy([KEYS.former, KEYS.present]);
    await deploy([KEYS.present, KEYS.former]);
    await deploy([KEYS.former, KEYS.present], true);
    expect([await sealsFor(KEYS.present), await sealsFor(KEYS.former)]).toEqual([Infinity, Infinity]);

    await deploy([KEYS.former, KEYS.present]);
    expect(await sealsFor(KEYS.present)).toBeLessThanOrEqual(60);
  });

  test('are followed by sweeps that end what was not noted for two days', async () => {
    await deploy([KEYS.former, KEYS.present]);
    await superuser.query("UPDATE vault.sealing_keys SET last_noted_at = now() - interval '47 hours'");
    await deploy([KEYS.present, KEYS.former], true);
    expect(await sealsFor(KEYS.former)).toBe(Infinity);
    await superuser.query("UPDATE vault.sealing_keys SET last_noted_at = now() - interval '49 hours'");
    await deploy([KEYS.present, KEYS.former], true);

    expect(await sealsFor(KEYS.former)).toBeLessThanOrEqual(60);
  });

  test('keep a key that they listed if the former version sweeps meanwhile', async () => {
    await deploy([KEYS.former]);
    await deploy([KEYS.former, KEYS.present]);
    await deploy([KEYS.former], true);
    // as the sweep of a former release does
    await superuser.query('DELETE FROM vault.share_keys WHERE key_id <> ALL ($1::text[])', [[KEYS.former]]);

    const listed = 'SELECT key_id FROM vault.share_keys ORDER BY key_id';
    expect((await superuser.query(listed)).rows).toHaveLength(2);
    await deploy([KEYS.former]);
    expect((await superuser.query(listed)).rows).toEqual([{ key_id: KEYS.former }]);
  });

  test('are followed by sweeps that forget what is not listed an hour later, as after a rollback', async () => {
    await deploy([KEYS.former, KEYS.present]);
    await superuser.query("UPDATE vault.share_keys SET listed_at = listed_at - interval '61 minutes'");
    await deploy([KEYS.former], true);

    const { rows } = await superuser.query('SELECT key_id FROM vault.share_keys');
    expect(rows).toEqual([{ key_id: KEYS.former }]);
  });
});
