import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { ChainVerifier } from '../../../lambda/contract/chain';
import { KINDS } from '../../../lambda/contract/kinds';
import { migrate } from '../../../lambda/store/migrate';
import { MIGRATIONS } from '../../../lambda/store/migrations';
import type { NewRecord, RecordStore, WalletKey } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import {
  caller,
  dropVault,
  minutesFromNow,
  newDelivery,
  newRecord,
  newWallet,
  outcomes,
  query,
  rowsOf,
  serverKeyShares,
  sha256,
  withProperties,
} from './fixtures';
import { revokeBefore, sealBefore, unsealBefore } from './previous-release';

// The upgrade from the release before server key shares, and a rollback to it.

const BEFORE = MIGRATIONS.slice(
  0,
  MIGRATIONS.findIndex(({ name }) => name === '0017-server-key-shares'),
);
const [, KEY_SHARES] = KINDS;

let database: TestDatabase;
let superuser: Client;
/** Sessions of the previous release, and stores of this one. */
let old: Readonly<Record<'sealer' | 'unsealer' | 'revoker' | 'reader', Client>>;
let receiver: RecordStore;
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
  old = {
    sealer: await database.login('vault_sealer'),
    unsealer: await database.login('vault_unsealer'),
    revoker: await database.login('vault_revoker'),
    reader: await database.login('vault_reader'),
  };
  receiver = await database.store('vault_receiver');
  sealer = await database.store('vault_sealer');
  unsealer = await database.store('vault_unsealer');
  revoker = await database.store('vault_revoker');
  auditor = await database.store('vault_auditor');
});
afterEach(async () => {
  await dropVault(superuser);
  await database.disconnect();
});
afterAll(() => database.stop());

const upgrade = async () => migrate(await database.login('share_vault_master'));

/** Seals as the previous release does. */
async function sealed(changes: Partial<NewRecord> = {}, wallet = newWallet()): Promise<NewRecord> {
  const record = newRecord(wallet, changes);
  await sealBefore(old.sealer, record);
  return record;
}
const revokeByDynamic = (wallet: WalletKey) => receiver.receiveRevoked(wallet, newDelivery(minutesFromNow(0)), soon());
const replace = (wallet: WalletKey, text: string, expectedVersion: number) =>
  sealer.replaceProperties(
    wallet,
    { text, sha256: sha256(text), hasBackupInfo: false, expectedVersion },
    caller,
    soon(),
  );
const sealKeyShares = (wallet: WalletKey) => sealer.seal(newRecord(wallet, serverKeyShares()), caller, soon());

async function problemOf(wallet: WalletKey) {
  const verifier = new ChainVerifier(wallet, await auditor.chainHead(wallet, soon()));
  verifier.add(await auditor.log(wallet, 0, 500, soon()));
  return verifier.end();
}

describe('the upgrade', () => {
  test('keeps the functions of the previous release, with the same parameters, results and rights', async () => {
    const functions = async () => {
      const { rows } = await superuser.query<{ signature: string }>(
        `SELECT concat_ws(' ', p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.proacl) AS signature
          FROM pg_proc AS p WHERE p.pronamespace = 'vault_api'::regnamespace`,
      );
      return rows.map(({ signature }) => signature);
    };
    const before = await functions();
    await upgrade();
    await expect(functions()).resolves.toEqual(expect.arrayContaining([...before]));
  });

  test('gives server key shares the tombstone of a revocation by a caller, at its time', async () => {
    const [byCaller, byBoth, seen] = [await sealed(), await sealed(), newWallet()];
    await revokeByDynamic(byBoth);
    for (const wallet of [byCaller, byBoth, seen]) await revokeBefore(old.revoker, wallet);
    await revokeBefore(old.revoker, byCaller);

    await upgrade();

    for (const wallet of [byCaller, byBoth, seen]) {
      const log = await auditor.log(wallet, 0, 10, soon());
      const time = log.find(({ action, actor }) => action === 'revoke' && actor === 'signer')?.at;
      await expect(auditor.records(wallet, soon())).resolves.toMatchObject({ serverKeySharesRevokedAt: time });
      await expect(sealKeyShares(wallet)).rejects.toThrowWithCode('Revoked');
    }
  });

  test('gives server key shares no tombstone of a revocation by Dynamic', async () => {
    const [byDynamic, live] = [await sealed(), await sealed()];
    await revokeByDynamic(byDynamic);

    await upgrade();

    for (const wallet of [byDynamic, live]) {
      await expect(auditor.records(wallet, soon())).resolves.not.toHaveProperty('serverKeySharesRevokedAt');
      await expect(sealKeyShares(wallet)).resolves.toBeDefined();
    }
    await expect(unsealer.unseal(query(byDynamic), caller, soon())).rejects.toThrowWithCode('Revoked');
  });

  test.each([
    ['refuses', '{"externalServerKeySharesBackupInfo":{"a":1}}'],
    ['refuses', '{"external_server_key_shares_backup_info":"a"}'],
    ['refuses', 'no JSON with "external_server_key_shares_backup_info"'],
    ['accepts', '{"external_server_key_shares_backup_info":null}'],
    ['accepts', '{"name":"externalServerKeySharesBackupInfo of an uncle"}'],
    ['accepts', '{}'],
  ])('%s properties without backup information over stored ones of %j', async (refusesOrAccepts, text) => {
    const wallet = await sealed(withProperties(text));
    await upgrade();

    const end = await replace(wallet, 'other', 1).then(
      ({ version }) => version,
      (error: unknown) => error,
    );

    expect(end).toEqual(
      refusesOrAccepts === 'accepts' ? 2 : expect.objectContaining({ name: 'StaleWalletProperties' }),
    );
  });

  test('keeps live and superseded records, and a retried seal returns what the previous release stored', async () => {
    const first = await sealed(withProperties('one'));
    const second = await sealed({ supersedes: first.recordId, ...withProperties('two') }, first);
    await upgrade();

    const opened = await unsealer.unseal(query(first), caller, soon());
    expect(opened).toMatchObject({ recordId: second.recordId, sealed: second.sealed, propertiesChanged: false });
    const again = await sealer.seal({ ...second, properties: second.properties }, caller, soon());
    expect(again).toMatchObject({ recordId: second.recordId, supersededRecordId: first.recordId });
    await expect(auditor.records(first, soon())).resolves.toMatchObject({
      records: [{ recordId: first.recordId }, { recordId: second.recordId }],
    });
    await expect(problemOf(first)).resolves.toBeUndefined();
  });
});

describe('the previous release on the new schema', () => {
  beforeEach(async () => {
    await upgrade();
  });

  test('seals, unseals and revokes, and its log stays one chain', async () => {
    const first = await sealed(withProperties('one'));
    const next = await sealed({ supersedes: first.recordId, ...withProperties('two') }, first);
    await expect(unsealBefore(old.unsealer, next)).resolves.toBe('granted');
    await expect(unsealer.unseal(query(next), caller, soon())).resolves.toMatchObject({ sealed: next.sealed });
    await expect(revokeBefore(old.revoker, next)).resolves.toBe(2);
    await expect(unsealBefore(old.unsealer, next)).resolves.toBe('revoked');
    await expect(sealed({}, next)).rejects.toMatchObject({ code: 'SV002' });
    await expect(problemOf(next)).resolves.toBeUndefined();
  });

  test('revokes both kinds, since it knows no other revocation', async () => {
    const share = await sealed();
    await sealKeyShares(share);

    await expect(revokeBefore(old.revoker, share)).resolves.toBe(2);

    for (const kind of KINDS)
      await expect(unsealer.unseal(query(share, { kind }), caller, soon())).rejects.toThrowWithCode('Revoked');
    await expect(outcomes(superuser, share)).resolves.toContain('revoke revoked');
    await expect(auditor.records(share, soon())).resolves.toMatchObject({
      records: [],
      revokedAt: expect.any(String),
      serverKeySharesRevokedAt: expect.any(String),
    });
  });

  test('opens a delegated share after only the server key shares were revoked', async () => {
    const share = await sealed();
    await revoker.revoke(share, [KEY_SHARES], 'lost', caller, soon());
    await expect(unsealBefore(old.unsealer, share)).resolves.toBe('granted');
  });

  test('gets an error if it would lose backup information, and stores nothing', async () => {
    const properties = withProperties('{"externalServerKeySharesBackupInfo":1}', { hasBackupInfo: true });
    const record = newRecord(newWallet(), properties);
    await sealer.seal(record, caller, soon());
    const rows = await rowsOf(superuser, record);

    const attempt = sealed({ supersedes: record.recordId, ...withProperties('{}') }, record);

    await expect(attempt).rejects.toMatchObject({ code: 'SV006' });
    await expect(rowsOf(superuser, record)).resolves.toBe(rows);
    await expect(unsealer.unseal(query(record), caller, soon())).resolves.toMatchObject({ recordId: record.recordId });
  });

  test('writes properties without a version, and this release knows whether they have backup information', async () => {
    const first = await sealed(withProperties('{}'));
    await sealed(
      { supersedes: first.recordId, ...withProperties('{"external_server_key_shares_backup_info":1}') },
      first,
    );
    await expect(replace(first, 'none', 2)).rejects.toThrowWithCode('StaleWalletProperties');
  });

  test('reads properties of the size that this release accepts', async () => {
    const text = 'p'.repeat(262_144);
    const record = newRecord(newWallet(), withProperties(text));
    await sealer.seal(record, caller, soon());
    const read = 'SELECT properties FROM vault_api.read_properties($1, $2, NULL)';
    const { rows } = await old.reader.query(read, [record.walletId, record.chain]);
    expect(rows).toEqual([{ properties: text }]);
  });

  test('is not rolled back by its own migrations', async () => {
    const answer = await migrate(await database.login('share_vault_master'), { migrations: BEFORE });
    expect(answer).toMatchObject({ applied: [], current: MIGRATIONS.at(-1)?.name });
  });
});
