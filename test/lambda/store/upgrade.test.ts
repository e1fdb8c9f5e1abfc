import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import { ChainVerifier } from '../../../lambda/contract/chain';
import { migrate } from '../../../lambda/store/migrate';
import { MIGRATIONS } from '../../../lambda/store/migrations';
import type { NewRecord, RecordStore, WalletKey } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import {
  at,
  caller,
  deliveredRecord,
  dropVault,
  minutesFromNow,
  newDelivery,
  newRecord,
  newWallet,
  outcomes,
  query,
  revocation,
} from './fixtures';
import { revokeBefore, sealBefore, unsealBefore } from './previous-release';

/** The release before the webhook, and the migrations since. */
const BEFORE = MIGRATIONS.slice(0, 6);
const SINCE = MIGRATIONS.slice(6).map(({ name }) => name);

let database: TestDatabase;
let superuser: Client;
let live: NewRecord;
let revoked: WalletKey;
/** A session of the previous release, and stores of this one. */
let oldSealer: Client;
let sealer: RecordStore;
let unsealer: RecordStore;
let revoker: RecordStore;
let auditor: RecordStore;

beforeAll(async () => {
  database = await TestDatabase.startEmpty();
});
beforeEach(async () => {
  await migrate(await database.login('share_vault_master'), { migrations: BEFORE });
  superuser = await database.superuser();
  sealer = await database.store('vault_sealer');
  unsealer = await database.store('vault_unsealer');
  revoker = await database.store('vault_revoker');
  auditor = await database.store('vault_auditor');

  const superseded = newRecord(newWallet());
  live = newRecord(superseded, { supersedes: superseded.recordId });
  revoked = newWallet();
  oldSealer = await database.login('vault_sealer');
  await sealBefore(oldSealer, superseded);
  await sealBefore(oldSealer, live);
  await unsealBefore(await database.login('vault_unsealer'), live);
  await sealBefore(oldSealer, newRecord(revoked));
  await revokeBefore(await database.login('vault_revoker'), revoked);
});
afterEach(async () => {
  await dropVault(superuser);
  await database.disconnect();
});
afterAll(() => database.stop());

const upgrade = async () => migrate(await database.login('share_vault_master'));

/** Returns name, parameters, result and rights of every function that handlers call. */
async function signatures(): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ signature: string }>(
    `SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ') ' || coalesce(pg_get_function_result(p.oid), '')
        || ' ' || p.proacl::text AS signature
      FROM pg_proc AS p WHERE p.pronamespace = 'vault_api'::regnamespace
        -- only the procedure of the same migration calls it
        AND p.proname <> 'begin_unseal_delegated_share' ORDER BY 1`,
  );
  return rows.map(({ signature }) => signature);
}

describe('a database of the previous release, with rows in it', () => {
  test('is upgraded to this release', async () => {
    await expect(upgrade()).resolves.toEqual({ applied: SINCE, current: SINCE.at(-1), audited: false, frozen: 0 });
  });

  test('keeps the signatures of its functions, and the rights to call them', async () => {
    const before = await signatures();
    await upgrade();
    await expect(signatures()).resolves.toEqual(expect.arrayContaining([...before]));
  });

  test('stores until when each revocation holds', async () => {
    await upgrade();
    const { at: revokedAt, until } = (await revocation(superuser, revoked)) ?? {};
    expect(revokedAt).toBeInstanceOf(Date);
    // in microseconds; a Date has only milliseconds
    expect(Number(until) / 1_000_000 - Number(revokedAt)).toBeLessThan(1);
    await expect(revocation(superuser, live)).resolves.toEqual({ at: null, until: null });
  });

  test('accepts deliveries for its wallets, ordered by the times of their records', async () => {
    await upgrade();
    const receiver = await database.store('vault_receiver');
    const older = receiver.receiveCreated(deliveredRecord(revoked), newDelivery(at(1)), soon());
    await expect(older).resolves.toBe('outdated');
    await expect(unsealer.unseal(query(revoked), caller, soon())).rejects.toThrowWithCode('Revoked');
    const newer = receiver.receiveCreated(deliveredRecord(revoked), newDelivery(minutesFromNow(1)), soon());
    await expect(newer).resolves.toBe('sealed');
    await expect(receiver.receiveRevoked(live, newDelivery(at(1)), soon())).resolves.toBe('revoked');
    await expect(outcomes(superuser, live)).resolves.toEqual([
      'seal sealed',
      'seal sealed',
      'unseal granted',
      'revoke revoked',
    ]);
  });

  test('serves sessions that were open, and their logs stay one chain', async () => {
    await upgrade();
    const next = newRecord(live, { supersedes: live.recordId });
    await sealer.seal(next, caller, soon());
    await expect(unsealer.unseal(query(live), caller, soon())).resolves.toMatchObject({ recordId: next.recordId });
    await expect(sealer.seal(newRecord(revoked), caller, soon())).rejects.toThrowWithCode('Revoked');
    await expect(revoker.revoke(live, KINDS, 'lost', caller, soon())).resolves.toMatchObject({ revoked: 3 });
    await expect(revoker.revoke(revoked, KINDS, 'lost', caller, soon())).resolves.toMatchObject({ revoked: 0 });
    const verifier = new ChainVerifier(live, await auditor.chainHead(live, soon()));
    verifier.add(await auditor.log(live, 0, 500, soon()));
    expect(verifier.end()).toBeUndefined();
  });

  test('stays upgraded after a rollback to the previous release, which destroys expired records once', async () => {
    await upgrade();
    await superuser.query(
      "UPDATE vault.delegated_shares SET superseded_at = now() - interval '31 days' WHERE superseded_at IS NOT NULL",
    );
    const answer = await migrate(await database.login('share_vault_master'), { migrations: BEFORE });
    expect(answer).toEqual({ applied: [], current: SINCE.at(-1), audited: false, frozen: 0 });
    const { records } = await auditor.records(live, soon());
    expect(records.map(({ recordId }) => recordId)).toEqual([live.recordId]);
  });
});

describe('a database of the release before the common order, with deliveries in it', () => {
  const BEFORE_ORDER = MIGRATIONS.slice(
    0,
    MIGRATIONS.findIndex(({ name }) => name === '0013-order'),
  );
  const created = `SELECT vault_api.receive_created($1, $2, $3, NULL, NULL, NULL, 's', 'k', 'key', $4, $4,
    '2026-01-01 12:00:00.000001Z'::timestamptz + make_interval(secs => $5), 'request-1') AS outcome`;
  const revocation = `SELECT vault_api.receive_revoked($1, $2, $3, $3,
    '2026-01-01 12:00:00.000001Z'::timestamptz + make_interval(secs => $4), 'request-1') AS outcome`;
  let old: Client;
  let wallet: WalletKey;
  let direct: NewRecord;
  beforeEach(async () => {
    await migrate(await database.login('share_vault_master'), { migrations: BEFORE_ORDER });
    old = await database.login('vault_receiver');
    wallet = newWallet();
    const delivered = randomUUID();
    await old.query(created, [delivered, wallet.walletId, wallet.chain, randomUUID(), 10]);
    direct = newRecord(wallet, { supersedes: delivered });
    // a newer event of another wallet and of another chain, and one after the seal
    await old.query(created, [randomUUID(), newWallet().walletId, wallet.chain, randomUUID(), 99]);
    await old.query(created, [randomUUID(), wallet.walletId, 'SVM', randomUUID(), 99]);
    await sealBefore(oldSealer, direct);
    await old.query(created, [randomUUID(), wallet.walletId, wallet.chain, randomUUID(), 12]);
  });

  const revokedAt = async (seconds: number) => {
    const { rows } = await old.query<{ outcome: string }>(revocation, [
      wallet.walletId,
      wallet.chain,
      randomUUID(),
      seconds,
    ]);
    return rows;
  };

  test('has its direct seals placed after the newest event that their wallet had', async () => {
    await upgrade();
    const receiver = await database.store('vault_receiver');

    const older = receiver.receiveRevoked(wallet, newDelivery(at(10)), soon());
    await expect(older).resolves.toBe('outdated');
    await expect(unsealer.unseal(query(wallet), caller, soon())).resolves.toMatchObject({ recordId: direct.recordId });
    const same = receiver.receiveRevoked(wallet, newDelivery(at(10) + 1_000n), soon());
    await expect(same).resolves.toBe('revoked');
  });

  test('has the newest event of each wallet remembered for its next direct seal', async () => {
    await upgrade();
    await sealer.seal(newRecord(wallet, { supersedes: direct.recordId }), caller, soon());

    await expect(revokedAt(11)).resolves.toEqual([{ outcome: 'outdated' }]);
    await expect(revokedAt(12)).resolves.toEqual([{ outcome: 'revoked' }]);
  });

  test('has its live direct seal placed after all that it superseded, although the clock was set back', async () => {
    await superuser.query("UPDATE vault.webhook_events SET received_at = now() + interval '1 minute'");
    await upgrade();

    await expect(revokedAt(5)).resolves.toEqual([{ outcome: 'outdated' }]);
    await expect(unsealer.unseal(query(wallet), caller, soon())).resolves.toMatchObject({ recordId: direct.recordId });
  });

  test('is upgraded to this release although it has an event of a year beyond the range of nanoseconds', async () => {
    const medieval = newWallet();
    await old.query(created, [randomUUID(), medieval.walletId, medieval.chain, randomUUID(), -20_000_000_000]);

    await expect(upgrade()).resolves.toMatchObject({ current: SINCE.at(-1) });

    const receiver = await database.store('vault_receiver');
    await expect(receiver.receiveRevoked(medieval, newDelivery(0n), soon())).resolves.toBe('revoked');
  });

  test('has a direct seal without events placed before all events', async () => {
    const alone = newRecord(newWallet());
    await sealBefore(oldSealer, alone);
    await upgrade();

    const receiver = await database.store('vault_receiver');
    await expect(receiver.receiveRevoked(alone, newDelivery(at(1)), soon())).resolves.toBe('revoked');
  });

  test('returns the record of a retried seal, and refuses a changed one with a conflict', async () => {
    await upgrade();

    const again = await sealer.seal(direct, caller, soon());
    expect(again).toMatchObject({ recordId: direct.recordId, supersededRecordId: direct.supersedes });
    const changed = sealer.seal({ ...direct, supersedes: undefined }, caller, soon());
    await expect(changed).rejects.toThrowWithCode('Conflict');
  });

  test('serves the previous release, which has only its own outcomes and no nanoseconds of revocations', async () => {
    await upgrade();

    await expect(revokedAt(5)).resolves.toEqual([{ outcome: 'outdated' }]);
    await old.query(created, [randomUUID(), wallet.walletId, wallet.chain, randomUUID(), 20]);
    await expect(revokedAt(15)).resolves.toEqual([{ outcome: 'outdated' }]);
    await expect(revokedAt(20)).resolves.toEqual([{ outcome: 'revoked' }]);
    await expect(outcomes(superuser, wallet)).resolves.toEqual([
      'seal sealed',
      'seal sealed',
      'seal sealed',
      'revoke superseded-destroyed',
      'revoke revoked',
    ]);
  });
});
