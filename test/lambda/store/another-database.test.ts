import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import { PostgresFreezes } from '../../../lambda/store/freezes';
import { ANOTHER_DATABASE } from '../../../lambda/store/generation';
import { migrate } from '../../../lambda/store/migrate';
import { Session } from '../../../lambda/store/session';
import type { NewRecord, WalletKey } from '../../../lambda/store/store';
import { PostgresTombstones } from '../../../lambda/store/tombstones';
import { nanoseconds } from '../../support/nanoseconds';
import { soon } from '../../support/postgres';
import { caller, deliveredRecord, newDelivery, newRecordOf, newWallet, query } from './fixtures';
import { database, receiver, revoker, sealer, superuser, unsealer, useStores } from './stores';

useStores(['receiver', 'revoker', 'sealer', 'unsealer']);

let tombstones: PostgresTombstones;
let freezer: PostgresFreezes;
let thawer: PostgresFreezes;
beforeAll(async () => {
  tombstones = new PostgresTombstones(new Session(await database.settings('vault_revoker')));
  freezer = new PostgresFreezes(new Session(await database.settings('vault_freezer')));
  thawer = new PostgresFreezes(new Session(await database.settings('vault_thawer')));
});

/** A wallet with a record of each kind. */
async function sealed(): Promise<WalletKey> {
  const wallet = newWallet();
  for (const kind of KINDS) await sealer.seal(newRecordOf(kind, wallet), caller, soon());
  return wallet;
}

const opened = (wallet: WalletKey, kind: NewRecord['kind']) => unsealer.unseal(query(wallet, { kind }), caller, soon());

describe('a database that was put behind the vault', () => {
  const deploy = async (cluster: string, token?: string, isSweep = false) =>
    migrate(await database.login('share_vault_master'), {
      isSweep,
      generation: { cluster, ...(token !== undefined && { token }) },
    });
  const FIRST = 'cluster-AAAAAAAAAAAAAAAAAAAAAAAAAA';
  let generation: string;
  let wallet: WalletKey;
  const someone = (actor: string) => ({ actor, requestId: randomUUID() });

  beforeEach(async () => {
    generation = `cluster-${randomUUID().replaceAll('-', '').toUpperCase()}`;
    await superuser.query('TRUNCATE vault.generations');
    wallet = await sealed();
    await deploy(FIRST);
  });
  afterEach(async () => {
    await superuser.query(`UPDATE vault.freezes SET replayed_until = now() WHERE needs_replay;
      UPDATE vault.freezes SET thawed_by = 'test', thawed_at = now() WHERE thawed_at IS NULL`);
  });
  const freezes = async () => (await freezer.list(soon())).freezes.filter(({ thawedAt }) => thawedAt === undefined);

  test('is not frozen by the first deploy of this release, and not by the next of the same one', async () => {
    expect(await deploy(FIRST)).toMatchObject({ frozen: 0 });
    await expect(opened(wallet, 'delegated-share')).resolves.toBeDefined();
  });

  test('is frozen by the deploy that names another generation, which says so', async () => {
    const migrated = await deploy(generation);

    expect(migrated.frozen).toBe(1);
    expect(migrated.warnings).toContain(ANOTHER_DATABASE);
    for (const kind of KINDS) await expect(opened(wallet, kind)).rejects.toThrowWithCode('Frozen');
    expect(await freezes()).toMatchObject([{ scope: 'all', frozenBy: 'vault:migrate' }]);
    // a deploy that is repeated freezes no further
    expect((await deploy(generation)).frozen).toBe(1);
  });

  test('is frozen by the deploy that names it again with another token: another one may have served meanwhile', async () => {
    await deploy(FIRST, 'first');

    expect((await deploy(FIRST, 'first')).frozen).toBe(0);
    const migrated = await deploy(FIRST, 'back');
    expect(migrated.frozen).toBe(1);
    expect(migrated.warnings).toContain(ANOTHER_DATABASE);
    for (const kind of KINDS) await expect(opened(wallet, kind)).rejects.toThrowWithCode('Frozen');
    expect((await deploy(FIRST, 'back')).frozen).toBe(1);
  });

  test('is not frozen by the first deploy that has a token, nor by the former release after a rollback', async () => {
    expect((await deploy(FIRST, 'first')).frozen).toBe(0);
    const { rows } = await superuser.query("SELECT vault.note_generation($1, 'rollback') AS frozen", [FIRST]);

    expect(rows).toEqual([{ frozen: false }]);
    expect((await deploy(FIRST, 'first')).frozen).toBe(0);
    await expect(opened(wallet, 'delegated-share')).resolves.toBeDefined();
  });

  test('is not frozen again by sweeps of the former version and of this one, which name both databases', async () => {
    await deploy(FIRST, 'first');
    expect((await deploy(generation, 'second')).frozen).toBe(1);

    expect((await deploy(FIRST, 'first', true)).frozen).toBe(1);
    await replayed(await frozen());
    await thaw();
    expect((await deploy(FIRST, 'first', true)).frozen).toBe(0);
    expect((await deploy(generation, 'second', true)).frozen).toBe(0);
    const { rows } = await superuser.query('SELECT generation FROM vault.generations ORDER BY id');
    expect(rows.at(-1)).toEqual({ generation });
  });

  const noteBefore = async (cluster: string) => {
    const note = 'SELECT vault.note_generation($1, $2) AS frozen';
    const { rows } = await superuser.query<{ frozen: boolean }>(note, [cluster, randomUUID()]);
    return rows;
  };

  test('is not frozen again by a sweep of the earlier release that names the former database after a deploy', async () => {
    expect((await deploy(generation, 'second')).frozen).toBe(1);

    expect(await noteBefore(FIRST)).toEqual([{ frozen: false }]);
    expect((await deploy(generation, 'second')).frozen).toBe(1);
  });

  test('is frozen by the earlier release after a rollback if it is unknown, or named an hour after the deploy', async () => {
    await deploy(FIRST, 'first');
    expect(await noteBefore(generation)).toEqual([{ frozen: true }]);

    await deploy(generation, 'second');
    await superuser.query("UPDATE vault.generations SET seen_at = seen_at - interval '1 hour'");
    expect(await noteBefore(FIRST)).toEqual([{ frozen: true }]);
  });

  const thaw = async () => {
    const [{ freezeId } = { freezeId: 0 }] = await freezes();
    await freezer.requestThaw(freezeId, 'restored', someone('first'), soon());
    return thawer.confirmThaw(freezeId, someone('second'), soon());
  };
  const replayed = (until: string, since?: string) => tombstones.finish({ since, until }, someone('first'), soon());
  /** The time when it was frozen, rounded up to a millisecond, and this many milliseconds. */
  const frozen = async (ms = 0) => {
    const [{ frozenAt } = { frozenAt: '' }] = await freezes();
    return new Date(Date.parse(frozenAt) + 1 + ms).toISOString();
  };
  /** A minute before the newest row of its access logs, rounded down to a millisecond, and this many milliseconds. */
  const newest = async (ms = 0) => {
    const { rows } = await superuser.query<{ at: Date }>(
      "SELECT max(at) - interval '1 minute' AS at FROM vault.share_access_log WHERE actor = $1",
      [caller.actor],
    );
    return new Date(Number(rows[0]?.at) + ms).toISOString();
  };

  test('can be thawed only after the tombstones were replayed', async () => {
    await deploy(generation);

    await expect(thaw()).rejects.toThrowWithCode('Conflict');
    await expect(opened(wallet, 'delegated-share')).rejects.toThrowWithCode('Frozen');
    expect((await freezes())[0]).toMatchObject({ replayFrom: expect.stringMatching(/^2/) });
    expect(await replayed(await frozen())).toEqual({ freezes: 1 });
    expect((await freezes())[0]).not.toHaveProperty('replayFrom');
    await thaw();

    await expect(opened(wallet, 'delegated-share')).resolves.toBeDefined();
  });

  test('is not released by a list that ends before it was frozen, and the response has what is missing', async () => {
    await deploy(generation);
    const [until, end] = [await frozen(-2), await frozen()];

    expect(await replayed(until)).toEqual({ freezes: 0, missing: { since: until, until: end } });
    await expect(thaw()).rejects.toThrow(/expected tombstones that were replayed until .*, got those until /);
    // the next list begins at the former one's end
    expect(await replayed(end, until)).toEqual({ freezes: 1 });
    await thaw();
  });

  test('is not released by a list that begins after its newest log row', async () => {
    await deploy(generation);
    const late = replayed(await frozen(), await newest(1));

    await expect(late).rejects.toThrow(/expected tombstones since .*, got those since /);
    await expect(late).rejects.toThrowWithCode('Conflict');
    await expect(thaw()).rejects.toThrowWithCode('Conflict');
  });

  test('is not released by two lists that leave a gap', async () => {
    await deploy(generation);
    await replayed(await frozen(-10));

    await expect(replayed(await frozen(), await frozen(-9))).rejects.toThrowWithCode('Conflict');
    expect(await replayed(await frozen(), await frozen(-10))).toEqual({ freezes: 1 });
  });

  test('is released by a list that begins a minute before its newest log row', async () => {
    await deploy(generation);

    expect(await replayed(await frozen(), await newest())).toEqual({ freezes: 1 });
  });

  test('needs a list from the beginning if its access logs are empty', async () => {
    await superuser.query(`BEGIN;
      ALTER TABLE vault.share_access_log DISABLE TRIGGER append_only;
      DELETE FROM vault.share_access_log`);
    await superuser.query("SELECT vault.note_generation($1, 'restored')", [generation]);
    const { rows } = await superuser.query(
      "SELECT replay_since::text AS since FROM vault.freezes WHERE request_id = 'restored'",
    );
    await superuser.query('ROLLBACK');

    expect(rows).toEqual([{ since: '-infinity' }]);
  });

  test('logs what its lists began and ended with', async () => {
    await deploy(generation);
    await replayed(await frozen(-10));
    await replayed(await frozen(), '2026-01-31T12:00:00.000Z');

    const { rows } = await superuser.query<{ reason: string }>(
      "SELECT reason FROM vault.freeze_log WHERE action = 'replay' ORDER BY id DESC LIMIT 2",
    );
    expect(rows.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^tombstones since 2026-01-31T12:00:00.000Z until 20.*Z$/),
      expect.stringMatching(/^tombstones since the beginning until 20.*Z$/),
    ]);
  });

  test('takes revocations and deliveries while it is frozen', async () => {
    await deploy(generation);

    await expect(revoker.revoke(wallet, KINDS, 'user left', caller, soon())).resolves.toMatchObject({ revoked: 2 });
    const delivery = newDelivery(nanoseconds(new Date(Date.now() + 1000)));
    expect(await receiver.receiveCreated(deliveredRecord(wallet), delivery, soon())).toBe('sealed');
  });

  test('is not released by a replay of a time to come', async () => {
    await deploy(generation);
    const future = new Date(Date.now() + 3_600_000).toISOString();

    await expect(replayed(future)).rejects.toThrow();
  });
});
