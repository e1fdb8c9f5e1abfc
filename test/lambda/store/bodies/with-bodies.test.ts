import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../../lambda/contract/kinds';
import type { NewRecord, WalletKey } from '../../../../lambda/store/store';
import { soon } from '../../../support/postgres';
import { TABLE_OF, at, caller, newDelivery, newTransportId, newWallet, query } from '../fixtures';
import { database, sealer, superuser, unsealer, useStores } from '../stores';
import { MemoryBodies } from './memory-bodies';
import { StoresWithBodies, newDelivered, newSealed } from './stores';

useStores(['sealer', 'unsealer']);

const bodies = new MemoryBodies();
let stores: StoresWithBodies;
let wallet: WalletKey;
beforeEach(async () => {
  stores = new StoresWithBodies(database, bodies);
  wallet = newWallet();
  bodies.entries.clear();
  bodies.calls.length = 0;
  bodies.failure = undefined;
  await superuser.query('TRUNCATE vault.bodies, vault.bodies_to_destroy, vault.reserved_bodies');
});
afterEach(() => stores.close());

const seal = async (record: NewRecord) => (await stores.as('vault_sealer')).seal(record, caller, soon());
const unseal = async (changes = {}) =>
  (await stores.as('vault_unsealer')).unseal(query(wallet, changes), caller, soon());
const revoke = async (kinds = KINDS) =>
  (await stores.as('vault_revoker')).revoke(wallet, kinds, 'lost', caller, soon());
const days = (date: Date | undefined) => ((date?.getTime() ?? 0) - Date.now()) / 86_400_000;
const countOf = async (table: string) =>
  Number((await superuser.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count);

describe.each(KINDS)('a record of kind %s', (kind) => {
  test('is unsealed with the messages that were sealed', async () => {
    const record = newSealed(kind, wallet);
    await seal(record);
    await expect(unseal({ kind })).resolves.toMatchObject({ recordId: record.recordId, sealed: record.sealed });
  });

  test('has no body in the database', async () => {
    const record = newSealed(kind, wallet);
    await seal(record);
    const { rows } = await superuser.query<{ row: string }>(
      `SELECT s::text AS row FROM ${TABLE_OF[kind]} AS s WHERE id = $1`,
      [record.recordId],
    );
    for (const message of Object.values(record.sealed)) {
      const bytes = Buffer.from(message).toString('hex');
      expect(rows[0]?.row).toContain(bytes.slice(0, 200));
      expect(rows[0]?.row).not.toContain(bytes.slice(-64));
    }
  });

  test('is refused as corrupt by the functions of a vault without a body store', async () => {
    await seal(newSealed(kind, wallet));
    const { sealed } = await unsealer.unseal(query(wallet, { kind }), caller, soon());
    const { parseMessage } = await import('../../../../lambda/message');
    for (const column of Object.values(sealed)) {
      expect(() => parseMessage(column)).toThrowWithCode('MessageCorrupt');
    }
  });

  test('has its body destroyed by a revocation, which says the body store’s own delay', async () => {
    await seal(newSealed(kind, wallet));
    const { revoked, unreadableAfter } = await revoke();
    expect(revoked).toBe(1);
    expect(days(unreadableAfter)).toBeCloseTo(7, 2);
    expect(bodies.entries.size).toBe(0);
    await expect(countOf('vault.bodies_to_destroy WHERE destroyed_at IS NULL')).resolves.toBe(0);
    await expect(countOf('vault.bodies')).resolves.toBe(0);
  });

  test('that was sealed before the vault had a body store is still unsealed', async () => {
    const record = newSealed(kind, wallet);
    await sealer.seal(record, caller, soon());
    await expect(unseal({ kind })).resolves.toMatchObject({ sealed: record.sealed });
    expect(bodies.calls).toEqual([]);
  });

  test('that was sealed before the vault had a body store is unreadable when its backups expire', async () => {
    await sealer.seal(newSealed(kind, wallet), caller, soon());
    const { unreadableAfter } = await revoke();
    expect(days(unreadableAfter)).toBeCloseTo(35, 2);
  });

  test('whose body is gone is refused as corrupt', async () => {
    const record = newSealed(kind, wallet);
    await seal(record);
    bodies.entries.clear();
    await expect(unseal({ kind })).rejects.toThrowWithCode('MessageCorrupt');
  });

  test('with another record’s body is refused as corrupt', async () => {
    const [record, other] = [newSealed(kind, wallet), newSealed(kind, newWallet())];
    await seal(record);
    await seal(other);
    const [own, swapped] = [bodies.entries.get(record.recordId), bodies.entries.get(other.recordId)];
    if (own !== undefined) own.body = swapped?.body ?? own.body;
    await expect(unseal({ kind })).rejects.toThrowWithCode('MessageCorrupt');
  });

  test('with a truncated body is refused as corrupt', async () => {
    const record = newSealed(kind, wallet);
    await seal(record);
    const own = bodies.entries.get(record.recordId);
    if (own !== undefined) own.body = own.body.subarray(0, -1);
    await expect(unseal({ kind })).rejects.toThrowWithCode('MessageCorrupt');
  });

  test('whose body has another version is refused as corrupt', async () => {
    const record = newSealed(kind, wallet);
    await seal(record);
    const own = bodies.entries.get(record.recordId);
    if (own !== undefined) bodies.entries.set(record.recordId, { ...own, version: 'older' });
    await expect(unseal({ kind })).rejects.toThrowWithCode('MessageCorrupt');
  });
});

describe('sealing with a body store', () => {
  test('refuses materials that are too long for it before anything is written', async () => {
    const small = new StoresWithBodies(database, new MemoryBodies(100));
    const store = await small.as('vault_sealer');
    await expect(store.seal(newSealed('delegated-share', wallet), caller, soon())).rejects.toThrowWithCode(
      'InvalidRequest',
    );
    await expect(unseal()).rejects.toThrowWithCode('NotFound');
    await small.close();
  });

  test('refuses records past the most that it may have, and stores those before', async () => {
    const store = await stores.as('vault_sealer', { maxRecords: 2 });
    const records = [1, 2, 3].map(() => newSealed('delegated-share', newWallet()));
    const results = await store.sealAll(records, caller, soon());
    expect(results.slice(0, 2)).toMatchObject(records.slice(0, 2).map(({ recordId }) => ({ recordId })));
    expect(results[2]).toMatchObject({ name: 'StoreFull' });
    const receiver = await stores.as('vault_receiver', { maxRecords: 2 });
    const created = receiver.receiveCreated(newDelivered(wallet), newDelivery(at(1)), soon());
    await expect(created).rejects.toThrowWithCode('StoreFull');
    expect(bodies.entries.size).toBe(2);
  });

  test('counts what the function itself stored since it last asked the database', async () => {
    const store = await stores.as('vault_sealer', { maxRecords: 1 });
    await store.seal(newSealed('delegated-share', newWallet()), caller, soon());
    await expect(store.seal(newSealed('delegated-share', newWallet()), caller, soon())).rejects.toThrowWithCode(
      'StoreFull',
    );
  });

  test('counts bodies that are not destroyed yet', async () => {
    await seal(newSealed('delegated-share', wallet));
    bodies.failure = { step: 'destroy', when: 'before' };
    await revoke();
    const full = await stores.as('vault_sealer', { maxRecords: 1 });
    await expect(full.seal(newSealed('delegated-share', newWallet()), caller, soon())).rejects.toThrowWithCode(
      'StoreFull',
    );
  });

  test('counts the bodies of repeated requests, which got no record', async () => {
    const transportIds = [newTransportId(), newTransportId()];
    const again = () => seal(newSealed('delegated-share', wallet, { transportIds }));
    await again();
    await again();
    const full = await stores.as('vault_sealer', { maxRecords: 2 });
    await expect(full.seal(newSealed('delegated-share', newWallet()), caller, soon())).rejects.toThrowWithCode(
      'StoreFull',
    );
  });

  test('stores no body that the database did not reserve', async () => {
    const store = await stores.as('vault_sealer');
    store.failing.failure = { statement: /reserve_bodies/, when: 'before' };
    await expect(store.seal(newSealed('delegated-share', wallet), caller, soon())).rejects.toThrowWithCode(
      'StoreUnavailable',
    );
    expect(bodies.calls).toEqual([]);
  });

  test('reserves no body that is too long, or that has no room', async () => {
    const small = new StoresWithBodies(database, new MemoryBodies(100));
    const store = await small.as('vault_sealer');
    const full = await stores.as('vault_sealer', { maxRecords: 0 });
    for (const each of [store, full]) await each.sealAll([newSealed('delegated-share', wallet)], caller, soon());
    await expect(countOf('vault.reserved_bodies')).resolves.toBe(0);
    await small.close();
  });

  test('returns the earlier record of a repeated request, which is unsealed as before', async () => {
    const transportIds = [newTransportId(), newTransportId()];
    const record = newSealed('delegated-share', wallet, { transportIds });
    await seal(record);
    const repeated = await seal(newSealed('delegated-share', wallet, { transportIds }));
    expect(repeated.recordId).toBe(record.recordId);
    await expect(unseal()).resolves.toMatchObject({ sealed: record.sealed });
  });

  test('stores the others of a batch if the body store refuses one', async () => {
    const [one, two] = [newSealed('delegated-share', wallet), newSealed('delegated-share', newWallet())];
    bodies.entries.set(one.recordId, { version: 'v', body: Buffer.alloc(1) });
    const store = await stores.as('vault_sealer');
    const results = await store.sealAll([one, two], caller, soon());
    expect(results).toMatchObject([{ name: 'Conflict' }, { recordId: two.recordId }]);
  });
});

describe('a delivery with a body store', () => {
  test('is unsealed with the messages that were sealed', async () => {
    const record = newDelivered(wallet);
    const receiver = await stores.as('vault_receiver');
    await expect(receiver.receiveCreated(record, newDelivery(at(1)), soon())).resolves.toBe('sealed');
    await expect(unseal()).resolves.toMatchObject({ sealed: record.sealed });
  });

  test('that is repeated leaves no second body behind', async () => {
    const receiver = await stores.as('vault_receiver');
    const delivery = newDelivery(at(1));
    await receiver.receiveCreated(newDelivered(wallet), delivery, soon());
    await expect(receiver.receiveCreated(newDelivered(wallet), delivery, soon())).resolves.toBe('duplicate');
    expect(bodies.entries.size).toBe(1);
  });

  test('that revokes is in effect if its function may not destroy bodies, and leaves them queued', async () => {
    const receiver = await stores.as('vault_receiver');
    await receiver.receiveCreated(newDelivered(wallet), newDelivery(at(1)), soon());
    bodies.failure = { step: 'destroy', when: 'before' };
    await expect(receiver.receiveRevoked(wallet, newDelivery(at(2)), soon())).resolves.toBe('revoked');
    await expect(countOf('vault.bodies_to_destroy WHERE destroyed_at IS NULL')).resolves.toBe(1);
    await expect(unseal()).rejects.toThrowWithCode('Revoked');
  });

  test('that revokes has the body destroyed', async () => {
    const receiver = await stores.as('vault_receiver');
    await receiver.receiveCreated(newDelivered(wallet), newDelivery(at(1)), soon());
    await expect(receiver.receiveRevoked(wallet, newDelivery(at(2)), soon())).resolves.toBe('revoked');
    expect(bodies.entries.size).toBe(0);
  });
});

describe('unsealing with a body store', () => {
  test('reads no body of a record that it may not return', async () => {
    await seal(newSealed('delegated-share', wallet, { userId: 'user-1' }));
    await expect(unseal({ userId: 'user-2' })).rejects.toThrowWithCode('NotFound');
    expect(bodies.calls).toEqual(['put']);
  });

  test('asks for another try if the record was destroyed while it was read', async () => {
    await seal(newSealed('delegated-share', wallet));
    const store = await stores.as('vault_unsealer');
    const get = bodies.get.bind(bodies);
    bodies.get = async (...call) => {
      bodies.get = get;
      await revoke();
      return get(...call);
    };
    await expect(store.unseal(query(wallet), caller, soon())).rejects.toThrowWithCode('StoreUnavailable');
  });

  test('refuses the records of a batch whose bodies would make the response too large', async () => {
    const large = [...Array(27).keys()].map(() => newSealed('server-key-shares', newWallet()));
    const { newMessage } = await import('./messages');
    const records = large.map((each) => ({ ...each, sealed: { serverKeyShares: newMessage(65_536).message } }));
    const sealing = await stores.as('vault_sealer');
    await sealing.sealAll(records.slice(0, 20), caller, soon());
    await sealing.sealAll(records.slice(20), caller, soon());
    const twice = records.flatMap((each) => [each, each]);
    const store = await stores.as('vault_unsealer');
    const results = await store.unsealAll(twice, 'to sign', caller, soon());
    expect(results.slice(0, 53).map((each) => ('sealed' in each ? 'ok' : each.name))).toEqual(Array(53).fill('ok'));
    expect(results[53]).toMatchObject({ name: 'BatchTooLarge' });
  });
});
