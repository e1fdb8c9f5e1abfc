import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import { DELEGATED_TOMBSTONES_PREFIX, TOMBSTONES_PREFIX } from '../../../lambda/contract/tombstone-prefix';
import { Session } from '../../../lambda/store/session';
import type { NewRecord, WalletKey } from '../../../lambda/store/store';
import { PendingTombstones, PostgresTombstones } from '../../../lambda/store/tombstones';
import { nanoseconds } from '../../support/nanoseconds';
import { soon } from '../../support/postgres';
import { caller, deliveredRecord, newDelivery, newRecordOf, newWallet, query } from './fixtures';
import { auditor, database, problemOf, receiver, revoker, sealer, superuser, unsealer, useStores } from './stores';

useStores(['auditor', 'receiver', 'revoker', 'sealer', 'unsealer']);

let tombstones: PostgresTombstones;
let listed: PostgresTombstones;
beforeAll(async () => {
  tombstones = new PostgresTombstones(new Session(await database.settings('vault_revoker')));
  listed = new PostgresTombstones(new Session(await database.settings('vault_auditor')));
});

/** A wallet with a record of each kind, and a copy of them: its backup. */
async function backedUp(): Promise<WalletKey> {
  const wallet = newWallet();
  for (const kind of KINDS) await sealer.seal(newRecordOf(kind, wallet), caller, soon());
  await superuser.query(`CREATE TABLE IF NOT EXISTS public.backup_of_wallets (LIKE vault.wallets);
    CREATE TABLE IF NOT EXISTS public.backup_of_delegated_shares (LIKE vault.delegated_shares);
    CREATE TABLE IF NOT EXISTS public.backup_of_server_key_shares (LIKE vault.server_key_shares)`);
  for (const table of TABLES) {
    await superuser.query(`INSERT INTO public.backup_of_${table} SELECT * FROM vault.${table} WHERE wallet_id = $1`, [
      wallet.walletId,
    ]);
  }
  return wallet;
}
const TABLES = ['wallets', 'delegated_shares', 'server_key_shares'];

/** Puts the records and the wallet's tombstones back to those of the backup, as a restore does. */
async function restored({ walletId }: WalletKey): Promise<void> {
  await superuser.query(
    `UPDATE vault.wallets SET revoked_at = NULL, revoked_until_ns = NULL, server_key_shares_revoked_at = NULL
      WHERE wallet_id = $1`,
    [walletId],
  );
  await superuser.query('UPDATE vault.wallets SET tombstoned_at = NULL WHERE wallet_id = $1', [walletId]);
  for (const table of TABLES.slice(1)) {
    await superuser.query(`DELETE FROM vault.${table} WHERE wallet_id = $1`, [walletId]);
    await superuser.query(`INSERT INTO vault.${table} SELECT * FROM public.backup_of_${table} WHERE wallet_id = $1`, [
      walletId,
    ]);
  }
}

const revoke = (wallet: WalletKey) => revoker.revoke(wallet, KINDS, 'user left', caller, soon());
async function tombstoneOf({ walletId, chain }: WalletKey) {
  const { tombstones: all } = await listed.list(undefined, undefined, soon());
  return all.find((each) => each.walletId === walletId && each.chain === chain);
}
const apply = (tombstone: Awaited<ReturnType<typeof tombstoneOf>>) => {
  if (tombstone === undefined) throw new Error('expected a tombstone');
  return tombstones.apply(tombstone, 'restore', caller, soon());
};
const opened = (wallet: WalletKey, kind: NewRecord['kind']) => unsealer.unseal(query(wallet, { kind }), caller, soon());

describe('a replayed tombstone', () => {
  test('closes what was revoked after the backup, and the log has it', async () => {
    const wallet = await backedUp();
    await revoke(wallet);
    const tombstone = await tombstoneOf(wallet);
    await restored(wallet);
    await expect(opened(wallet, 'delegated-share')).resolves.toBeDefined();

    expect(await apply(tombstone)).toEqual({ isApplied: true, destroyed: 2 });

    for (const kind of KINDS) await expect(opened(wallet, kind)).rejects.toThrowWithCode('Revoked');
    const [last] = (await auditor.log(wallet, 0, 500, soon())).filter(({ reason }) => reason === 'restore');
    expect(last).toMatchObject({ action: 'revoke', outcome: 'revoked', actor: caller.actor });
    expect(await problemOf(wallet)).toBeUndefined();
  });

  test('is known when it comes twice, and adds no row to the log', async () => {
    const wallet = await backedUp();
    await revoke(wallet);
    const tombstone = await tombstoneOf(wallet);
    await restored(wallet);
    await apply(tombstone);
    const { length } = await auditor.chainHead(wallet, soon());

    expect(await apply(tombstone)).toEqual({ isApplied: false, destroyed: 0 });
    expect((await auditor.chainHead(wallet, soon())).length).toBe(length);
  });

  test('out of order changes nothing that a later one did', async () => {
    const wallet = await backedUp();
    await revoke(wallet);
    const former = await tombstoneOf(wallet);
    await revoke(wallet);
    const later = await tombstoneOf(wallet);
    await restored(wallet);

    await apply(later);
    const applied = await tombstoneOf(wallet);
    expect(await apply(former)).toEqual({ isApplied: false, destroyed: 0 });
    expect(await tombstoneOf(wallet)).toEqual(applied);
    expect(applied).toMatchObject({ revokedUntilNs: later?.revokedUntilNs });
  });

  test('counts from the replay until when backups have the key shares', async () => {
    const wallet = await backedUp();
    await revoke(wallet);
    const tombstone = await tombstoneOf(wallet);
    await restored(wallet);

    await apply(tombstone);
    const timeOf = (each: typeof tombstone) => Date.parse(each?.serverKeySharesRevokedAt ?? '');
    expect(timeOf(await tombstoneOf(wallet))).toBeGreaterThan(timeOf(tombstone));
  });

  test('keeps a record that is newer than it', async () => {
    const wallet = await backedUp();
    await revoke(wallet);
    const tombstone = await tombstoneOf(wallet);
    const again = deliveredRecord(wallet);
    const delivery = newDelivery(nanoseconds(new Date(Date.now() + 1000)));
    expect(await receiver.receiveCreated(again, delivery, soon())).toBe('sealed');
    await superuser.query('UPDATE vault.wallets SET revoked_until_ns = NULL WHERE wallet_id = $1', [wallet.walletId]);

    expect(await apply({ ...tombstone, walletId: wallet.walletId, chain: 'EVM' })).toMatchObject({ destroyed: 0 });
    expect((await opened(wallet, 'delegated-share')).recordId).toBe(again.recordId);
  });

  test('of a wallet that the backup does not know makes an old delivery outdated', async () => {
    const wallet = newWallet();
    const now = Date.now();
    const revokedUntilNs = nanoseconds(new Date(now)).toString();
    expect(await apply({ ...wallet, revokedUntilNs })).toEqual({ isApplied: true, destroyed: 0 });

    const delivery = newDelivery(nanoseconds(new Date(now - 60_000)));
    expect(await receiver.receiveCreated(deliveredRecord(wallet), delivery, soon())).toBe('outdated');
  });

  test('without a time, or of the future, is refused', async () => {
    const wallet = newWallet();
    const future = new Date(Date.now() + 3_600_000);
    for (const times of [
      {},
      { revokedUntilNs: nanoseconds(future).toString() },
      { serverKeySharesRevokedAt: future.toISOString() },
    ]) {
      await expect(apply({ ...wallet, ...times })).rejects.toThrow();
    }
  });

  test('of one kind leaves the other', async () => {
    const wallet = await backedUp();
    await revoker.revoke(wallet, ['server-key-shares'], 'user left', caller, soon());
    const tombstone = await tombstoneOf(wallet);
    await restored(wallet);

    expect(await apply(tombstone)).toEqual({ isApplied: true, destroyed: 1 });
    await expect(opened(wallet, 'delegated-share')).resolves.toBeDefined();
    await expect(opened(wallet, 'server-key-shares')).rejects.toThrowWithCode('Revoked');
  });
});

describe('the list of tombstones', () => {
  test('has those that a delivery made, and none of a wallet that was never revoked', async () => {
    const [delivered, sealed] = [newWallet(), newWallet()];
    const at = nanoseconds(new Date());
    await receiver.receiveRevoked(delivered, newDelivery(at), soon());
    await sealer.seal(newRecordOf('delegated-share', sealed), caller, soon());

    expect(await tombstoneOf(delivered)).toEqual({ ...delivered, revokedUntilNs: at.toString() });
    expect(await tombstoneOf(sealed)).toBeUndefined();
  });

  test('can begin at a time, and pages by wallet', async () => {
    const wallet = newWallet();
    await revoke(wallet);
    const { rows } = await superuser.query<{ at: string }>(
      'SELECT to_char(clock_timestamp() AT TIME ZONE \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\') AS at',
    );
    const since = rows[0]?.at ?? '';
    const later = newWallet();
    await revoke(later);

    const { tombstones: found } = await listed.list(undefined, since, soon());
    expect(found.map(({ walletId }) => walletId)).toEqual([later.walletId]);
    expect((await listed.list(later, since, soon())).tombstones).toEqual([]);
  });
});

describe('a tombstone for the bucket', () => {
  let pending: PendingTombstones;
  let ofReceiver: PendingTombstones;
  beforeAll(async () => {
    pending = new PendingTombstones(new Session(await database.settings('vault_revoker')), TOMBSTONES_PREFIX);
    const session = new Session(await database.settings('vault_receiver'));
    ofReceiver = new PendingTombstones(session, DELEGATED_TOMBSTONES_PREFIX);
  });
  beforeEach(async () => {
    await superuser.query('UPDATE vault.wallets SET tombstone_kept = tombstoned_at');
  });
  const first = async (from: PendingTombstones) => (await from.list(10, soon()))[0];
  /** Lets a wallet's tombstones be those of two minutes ago: nobody may be bringing them to the bucket any more. */
  const grow = async (wallet: WalletKey) =>
    superuser.query("UPDATE vault.wallets SET tombstoned_at = now() - interval '2 minutes' WHERE wallet_id = $1", [
      wallet.walletId,
    ]);

  test('is pending from a revocation until it is noted that the bucket has it', async () => {
    const wallet = await backedUp();
    expect(await pending.count(soon())).toBe(0);
    await revoke(wallet);
    await grow(wallet);

    const tombstone = await first(pending);
    expect(tombstone).toEqual({
      ...(await tombstoneOf(wallet)),
      notedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    });
    expect(await pending.count(soon())).toBe(1);
    if (tombstone) await pending.keep([tombstone], soon());
    expect(await pending.count(soon())).toBe(0);
  });

  test("of a delivery is pending too, and the receiver's user may note it", async () => {
    const wallet = newWallet();
    await receiver.receiveRevoked(wallet, newDelivery(nanoseconds(new Date())), soon());

    const tombstone = await first(ofReceiver);
    expect(tombstone).toMatchObject(wallet);
    if (tombstone) await ofReceiver.keep([tombstone], soon());
    expect(await ofReceiver.count(soon())).toBe(0);
  });

  test('stays pending if it changed since it was listed', async () => {
    const wallet = await backedUp();
    await revoker.revoke(wallet, ['server-key-shares'], 'user left', caller, soon());
    const former = await first(pending);
    await revoke(wallet);

    if (former) await pending.keep([former], soon());
    expect(await first(pending)).toMatchObject({ ...wallet, revokedUntilNs: expect.stringMatching(/^\d+$/) });
  });

  test('of the last minute does not count: another revocation may be bringing it to the bucket', async () => {
    await revoke(newWallet());

    expect(await pending.list(10, soon())).toHaveLength(1);
    expect(await pending.count(soon())).toBe(0);
  });

  test('is listed after newer ones', async () => {
    const [older, newer] = [newWallet(), newWallet()];
    await revoke(older);
    await revoke(newer);

    expect((await pending.list(10, soon())).map(({ walletId }) => walletId)).toEqual([newer.walletId, older.walletId]);
    expect(await pending.list(1, soon())).toHaveLength(1);
  });

  test('of an earlier release, whose time is unknown, is pending as the oldest one, and in each list', async () => {
    const [older, newer] = [newWallet(), newWallet()];
    await revoke(older);
    await superuser.query('UPDATE vault.wallets SET tombstoned_at = NULL WHERE wallet_id = $1', [older.walletId]);
    await revoke(newer);

    const [, last] = await pending.list(10, soon());
    expect(last).toMatchObject({ ...older, notedAt: '1970-01-01T00:00:00.000000Z' });
    const { tombstones: found } = await listed.list(undefined, new Date(Date.now() + 60_000).toISOString(), soon());
    expect(found.map(({ walletId }) => walletId)).toEqual([older.walletId]);
    expect(await pending.count(soon())).toBe(1);
    if (last) await pending.keep([last], soon());
    expect(await pending.count(soon())).toBe(0);
  });
});
