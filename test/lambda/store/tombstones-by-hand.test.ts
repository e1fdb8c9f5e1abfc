import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { Readable } from 'node:stream';
import { readTombstones } from '../../../client/commands/rotation/tombstone-lines';
import { objectOf as bucketObjectOf } from '../../../lambda/contract/bucket-object';
import { KINDS } from '../../../lambda/contract/kinds';
import { readTombstoneObject, tombstoneObject } from '../../../lambda/contract/tombstone-object';
import { DELEGATED_TOMBSTONES_PREFIX, TOMBSTONES_PREFIX } from '../../../lambda/contract/tombstone-prefix';
import { readAuditRequest, readReplayRequest } from '../../../lambda/requests/requests';
import { Session } from '../../../lambda/store/session';
import type { WalletKey } from '../../../lambda/store/store';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { replayBucket } from '../../../lambda/store/tombstone-replay';
import { sweepTombstones } from '../../../lambda/store/tombstone-sweep';
import { PendingTombstones, PostgresTombstones } from '../../../lambda/store/tombstones';
import { nanoseconds } from '../../support/nanoseconds';
import { soon } from '../../support/postgres';
import { caller, newDelivery, newRecordOf, newWallet, query } from './fixtures';
import { database, receiver, revoker, sealer, superuser, unsealer, useStores } from './stores';

useStores(['auditor', 'receiver', 'revoker', 'sealer', 'unsealer']);

/** Tombstones that somebody makes with a login of `revoke` or `receive` in hand. */

let pending: PendingTombstones;
let listed: PostgresTombstones;
beforeAll(async () => {
  pending = new PendingTombstones(new Session(await database.settings('vault_revoker')), TOMBSTONES_PREFIX);
  listed = new PostgresTombstones(new Session(await database.settings('vault_auditor')));
});

describe('the longest id that the database stores', () => {
  const ids = ['\u{1f600}'.repeat(255), '"'.repeat(255), '\\'.repeat(255), '\u00e4'.repeat(255)];
  beforeAll(async () => {
    const [asRevoker, asReceiver] = [await database.login('vault_revoker'), await database.login('vault_receiver')];
    for (const id of ids.slice(1)) {
      await asRevoker.query("SELECT vault_api.revoke_kinds($1,'EVM','{delegated-share}','r','a','rq')", [id]);
    }
    await asReceiver.query("SELECT vault_api.accept_revoked_now($1,'eip155:137','e1','m1','rq')", [ids[0]]);
  });

  test('is read from the bucket again', async () => {
    const objects = (await pending.list(10, soon())).map((each) =>
      tombstoneObject({ ...each, environment: 'prod' }, TOMBSTONES_PREFIX),
    );

    const read = objects.map((object) => readTombstoneObject(object, 'prod').walletId);
    expect(read.sort()).toEqual([...ids].sort());
  });

  test('is read from an exported list, and replayed by a request', async () => {
    const { tombstones, listedAt: until } = await listed.list(undefined, undefined, soon());
    const lines = [{ environment: 'prod' }, ...tombstones, { tombstones: tombstones.length, until }];
    const file = Readable.from([Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'))]);

    expect((await readTombstones(file)).tombstones.map(({ walletId }) => walletId).sort()).toEqual([...ids].sort());
    const request = { action: 'replay-tombstones', environment: 'prod', tombstones, reason: 'restore' };
    expect(readReplayRequest(request)).toEqual(request);
  });

  test.each(['tombstones', 'wallets'])('is a wallet after which the next page of %s can begin', (action) => {
    for (const walletId of ids) {
      const request = { action, after: { walletId, chain: 'EVM' } };
      expect(readAuditRequest(request)).toEqual(request);
    }
  });
});

describe('a replay from the bucket', () => {
  let tombstones: PostgresTombstones;
  beforeAll(async () => {
    tombstones = new PostgresTombstones(new Session(await database.settings('vault_revoker')));
  });
  const NOTED_AT = '2026-11-30T12:00:00.000000Z';
  const now = () => (BigInt(Date.now()) * 1_000_000n).toString();
  interface Members extends WalletKey {
    readonly revokedUntilNs?: string;
    readonly serverKeySharesRevokedAt?: string;
    readonly notedAt?: string;
  }
  /** Named and written as a vault does, with any values. */
  const objectOf = (
    prefix: string,
    { walletId, chain, revokedUntilNs, serverKeySharesRevokedAt, notedAt = NOTED_AT }: Members,
  ) => {
    const members = { walletId, chain, revokedUntilNs, serverKeySharesRevokedAt, notedAt };
    return bucketObjectOf(prefix, notedAt, Buffer.from(JSON.stringify({ format: 1, environment: 'prod', ...members })));
  };
  const replay = async (objects: readonly { readonly key: string; readonly bytes: Buffer }[]) => {
    const bucket = {
      listOldest: (prefix: string) =>
        Promise.resolve({
          objects: objects
            .filter(({ key }) => key.startsWith(prefix))
            .map(({ key, bytes }) => ({ key, versionId: 'v', size: bytes.length })),
          next: undefined,
        }),
      get: ({ key }: { readonly key: string }) =>
        Promise.resolve(objects.find((each) => each.key === key)?.bytes ?? Buffer.alloc(0)),
    };
    const pages = await Promise.all(
      [undefined, TOMBSTONES_PREFIX].map((after) =>
        replayBucket(
          { action: 'replay-bucket', environment: 'prod', reason: 'restore', ...(after !== undefined && { after }) },
          caller,
          { environment: 'prod', tombstones, bucket },
          soon(),
        ),
      ),
    );
    const refused = pages.flatMap((page) => page.refused ?? []).map(({ key }) => key);
    return { applied: pages.reduce((sum, page) => sum + page.applied, 0), refused };
  };

  test('refuses server key shares among the objects that receive can put, and destroys none', async () => {
    const wallet = newWallet();
    for (const kind of KINDS) await sealer.seal(newRecordOf(kind, wallet), caller, soon());
    const times = { revokedUntilNs: now(), serverKeySharesRevokedAt: new Date().toISOString() };
    const forged = objectOf(DELEGATED_TOMBSTONES_PREFIX, { ...wallet, ...times });

    expect(await replay([forged])).toEqual({ applied: 0, refused: [forged.key] });
    for (const kind of KINDS) {
      await expect(unsealer.unseal(query(wallet, { kind }), caller, soon())).resolves.toBeDefined();
    }
  });

  test.each([
    ['a time that no database of the vault can have', { revokedUntilNs: '9999999999999999999' }],
    ['a time of events to come', { revokedUntilNs: '9000000000000000000' }],
    ['a time of revocation to come', { serverKeySharesRevokedAt: '9999-01-01T00:00:00.000Z' }],
    ['neither time', {}],
    ['a time of change that is none', { revokedUntilNs: '5', notedAt: '9999-99-99T99:99:99.999999Z' }],
    ['a chain that the database has no room for', { revokedUntilNs: '5', chain: 'x'.repeat(255) }],
    ['an id that the database refuses', { revokedUntilNs: '5', walletId: 'w\u202e' }],
  ])('names an object with %s, and applies the others', async (_, members) => {
    const forged = objectOf(TOMBSTONES_PREFIX, { ...newWallet(), ...members });
    const honest = objectOf(TOMBSTONES_PREFIX, { ...newWallet(), revokedUntilNs: now() });

    expect(await replay([forged, honest])).toEqual({ applied: 1, refused: [forged.key] });
  });
});

describe('the user of receive', () => {
  let ofReceiver: PendingTombstones;
  let client: Client;
  beforeAll(async () => {
    const session = new Session(await database.settings('vault_receiver'));
    ofReceiver = new PendingTombstones(session, DELEGATED_TOMBSTONES_PREFIX);
  });
  beforeEach(async () => {
    client = await database.login('vault_receiver');
    await superuser.query('UPDATE vault.wallets SET tombstone_kept = tombstoned_at');
  });
  const deliver = (wallet: WalletKey) => receiver.receiveRevoked(wallet, newDelivery(nanoseconds(new Date())), soon());
  const revokeKeyShares = (wallet: WalletKey) =>
    revoker.revoke(wallet, ['server-key-shares'], 'user left', caller, soon());
  const keep = async (from: PendingTombstones) => from.keep(await from.list(100, soon()), soon());

  test('lists no tombstone of server key shares, and cannot note that the bucket has it', async () => {
    const wallet = newWallet();
    await revokeKeyShares(wallet);
    await deliver(wallet);

    expect(await ofReceiver.list(100, soon())).toEqual([]);
    const [own] = await pending.list(100, soon());
    if (own) await ofReceiver.keep([own], soon());
    expect(await pending.list(100, soon())).toMatchObject([
      { ...wallet, serverKeySharesRevokedAt: expect.any(String) },
    ]);
    // as the earlier release's receive
    expect((await client.query('SELECT * FROM vault_api.pending_tombstones(1)')).rows).toEqual([]);
    const values = [wallet.walletId, wallet.chain, own?.notedAt];
    const kept = await client.query('SELECT vault_api.keep_tombstone($1,$2,$3::timestamptz) AS kept', values);
    expect(kept.rows).toEqual([{ kept: false }]);
    expect(await pending.list(100, soon())).toMatchObject([own]);
  });

  test('lists the tombstone of delegated shares once the bucket has the one of server key shares', async () => {
    const wallet = newWallet();
    await revokeKeyShares(wallet);
    await keep(pending);
    await deliver(wallet);
    await deliver(wallet);

    const [own, ...more] = await ofReceiver.list(100, soon());
    expect(more).toEqual([]);
    expect(own).toEqual({ ...wallet, revokedUntilNs: expect.any(String), notedAt: expect.any(String) });
    await keep(ofReceiver);
    expect(await pending.list(100, soon())).toEqual([]);
  });

  test('is not in the way of the earlier release, which lists and notes the tombstone of a delivery', async () => {
    const wallet = newWallet();
    await deliver(wallet);

    const { rows } = await client.query<{ noted_at: string }>('SELECT * FROM vault_api.pending_tombstones(10)');
    const { walletId: wallet_id, chain } = wallet;
    expect(rows).toMatchObject([{ wallet_id, chain, server_key_shares_revoked_at: null }]);
    await client.query('SELECT vault_api.keep_tombstone($1,$2,$3::timestamptz)', [wallet_id, chain, rows[0]?.noted_at]);
    expect(await pending.list(100, soon())).toEqual([]);
  });

  test('notes many at once, and skips one that another transaction holds', async () => {
    const wallets = [newWallet(), newWallet(), newWallet()];
    for (const wallet of wallets) await deliver(wallet);
    const [held = newWallet()] = wallets;
    const holder = await database.superuser();
    await holder.query('BEGIN');
    await holder.query('SELECT vault.lock_wallet($1, $2)', [held.walletId, held.chain]);

    await keep(ofReceiver);
    expect(await ofReceiver.list(100, soon())).toMatchObject([held]);
    await holder.query('ROLLBACK');
    await keep(ofReceiver);
    expect(await ofReceiver.list(100, soon())).toEqual([]);
  });
});

describe('the sweep of tombstones', () => {
  const migrated = { applied: [], current: '0039-tombstones', audited: true, frozen: 0 };
  let objects: string[];
  const sweep = async () => {
    const master = await database.login(database.server.master.user);
    const bucket = { putOnce: (key: string) => Promise.resolve(void objects.push(key)) };
    return sweepTombstones(migrated, master, { environment: 'prod', bucket, deadline: deadlineIn(60_000) });
  };
  beforeEach(async () => {
    objects = [];
    await superuser.query('UPDATE vault.wallets SET tombstone_kept = tombstoned_at');
  });

  test('reports a revocation that died before its put, also if it brings its tombstone to the bucket', async () => {
    const wallet = newWallet();
    await revoker.revoke(wallet, ['delegated-share'], 'user left', caller, soon());
    await superuser.query(
      "UPDATE vault.wallets SET tombstoned_at = now() - interval '2 minutes' WHERE wallet_id = $1",
      [wallet.walletId],
    );

    expect(await sweep()).toEqual({ ...migrated, tombstonesPending: 1 });
    expect(objects).toHaveLength(1);
    expect(await sweep()).toEqual({ ...migrated, tombstonesPending: 0 });
  });

  test('fails no deploy if tombstones can’t be counted: it warns, and the alarm rings', async () => {
    const rename = (from: string, to: string) => superuser.query(`ALTER FUNCTION vault_api.${from} RENAME TO ${to}`);
    await rename('count_pending_tombstones', 'lost');
    const swept = await sweep().finally(() => rename('lost', 'count_pending_tombstones'));

    expect(swept).toMatchObject({ tombstonesPending: 1, warnings: [expect.stringMatching(/^tombstones that the bucket did not get/)] }); // prettier-ignore
  });
});
