import { describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import type { DeliveredRecord, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { created, opened, revoked, wallet, useNewWallet } from './deliveries';
import {
  at,
  caller,
  deliveredRecord,
  insertServerKeyShares,
  minutesFromNow,
  newDelivery,
  newRecord,
  newWallet,
  outcomes,
  query,
  revocation,
} from './fixtures';
import { database, superuser, receiver, sealer, unsealer, revoker, auditor, useStores } from './stores';

useStores(['receiver', 'sealer', 'unsealer', 'revoker', 'auditor']);
useNewWallet();

const sealed = (supersedes?: string) => sealer.seal(newRecord(wallet, { supersedes }), caller, soon());
/** Returns a record that a delivery created, by its id. */
async function delivered(time: bigint): Promise<string> {
  const record = deliveredRecord(wallet);
  await receiver.receiveCreated(record, newDelivery(time), soon());
  return record.recordId;
}

describe('events of one time', () => {
  test.each([
    ['the order of their ids', ['event-a', 'event-b']],
    ['the other order', ['event-b', 'event-a']],
  ])('that come in %s leave the same delegation', async (_order, eventIds) => {
    for (const eventId of eventIds) {
      const record = deliveredRecord(wallet, { shareSetId: eventId });
      await receiver.receiveCreated(record, newDelivery(at(1), { eventId: `${eventId} ${wallet.walletId}` }), soon());
    }

    await expect(opened()).resolves.toMatchObject({ shareSetId: 'event-b' });
  });
});

describe('a revocation without a time', () => {
  const revokedNow = () => receiver.receiveRevoked(wallet, { ...newDelivery(at(1)), eventTime: undefined }, soon());

  test('destroys a record whose event is ahead of the clock', async () => {
    await created(minutesFromNow(4));

    await expect(revokedNow()).resolves.toBe('revoked');

    await expect(opened()).rejects.toThrowWithCode('Revoked');
  });

  test('destroys a record that was sealed directly', async () => {
    await sealed();

    await expect(revokedNow()).resolves.toBe('revoked');
  });

  test('leaves a delegation outdated that happened before it', async () => {
    await revokedNow();

    await expect(created(minutesFromNow(-1))).resolves.toBe('outdated');
  });

  test('accepts a delegation that happened after it', async () => {
    await revokedNow();

    await expect(created(minutesFromNow(1))).resolves.toBe('sealed');
  });
});

describe('an event at a time that no event has', () => {
  test.each(['infinity', '-infinity', '2999-01-01T00:00:00Z'])('%s is refused by the database itself', async (time) => {
    const client = await database.login('vault_receiver');
    const { walletId, chain } = wallet;
    const revocation = client.query("SELECT vault_api.receive_revoked($1, $2, 'e', 'm', $3::timestamptz, 'q')", [
      walletId,
      chain,
      time,
    ]);
    await expect(revocation).rejects.toMatchObject({ code: '22023' });
    const creation = `SELECT vault_api.receive_created(gen_random_uuid(), $1, $2, NULL, NULL, NULL, 's', 'k', 'key', 'e', 'm',
      $3::timestamptz, 'q')`;
    await expect(client.query(creation, [walletId, chain, time])).rejects.toMatchObject({ code: '22023' });
  });
});

test.each([
  ['before 1970', -1n],
  ['a day ahead', minutesFromNow(1_440)],
])('an event %s is refused by the database itself', async (_, time) => {
  await expect(revoked(time)).rejects.toThrowWithCode('InternalError');
  await expect(created(time)).rejects.toThrowWithCode('InternalError');
});

describe('mixed with direct seals and revocations', () => {
  test('any created supersedes what was sealed directly before the wallet had an event', async () => {
    await sealed();
    await expect(created(at(1), { shareSetId: 'delivered' })).resolves.toBe('sealed');
    await expect(opened()).resolves.toMatchObject({ shareSetId: 'delivered' });
  });

  test.each([
    ['older than', at(1)],
    ['as old as', at(2)],
  ])('a created that is %s the newest event before a direct seal is outdated', async (_, time) => {
    const { recordId } = await sealed(await delivered(at(2)));
    await expect(created(time)).resolves.toBe('outdated');
    await expect(opened()).resolves.toMatchObject({ recordId });
  });

  test('a created one nanosecond newer than the newest event before a direct seal supersedes it', async () => {
    await sealed(await delivered(at(2)));
    await expect(created(at(2) + 1n, { shareSetId: 'newer' })).resolves.toBe('sealed');
    await expect(opened()).resolves.toMatchObject({ shareSetId: 'newer' });
  });

  test.each([998_000n, 1n])('a created %d nanoseconds newer than a revocation is readable', async (newer) => {
    await revoked(at(2));
    await expect(created(at(2) + newer, { shareSetId: 'newer' })).resolves.toBe('sealed');
    await expect(opened()).resolves.toMatchObject({ shareSetId: 'newer' });
  });

  test('an outdated delivery counts as the newest event before a direct seal', async () => {
    await revoker.revoke(wallet, KINDS, 'lost', caller, soon());
    const lifting = await delivered(minutesFromNow(2));
    await created(minutesFromNow(1));
    const { recordId } = await sealed(lifting);
    await expect(revoked(minutesFromNow(1))).resolves.toBe('outdated');
    await expect(opened()).resolves.toMatchObject({ recordId });
  });

  test('a created is outdated by a superseded record whose event is newer', async () => {
    const ahead = deliveredRecord(wallet);
    await receiver.receiveCreated(ahead, newDelivery(minutesFromNow(4)), soon());
    const { recordId } = await sealed(ahead.recordId);
    await expect(created(minutesFromNow(2))).resolves.toBe('outdated');
    await expect(opened()).resolves.toMatchObject({ recordId });
  });

  test('a direct seal over a delivered record needs supersedes', async () => {
    await created(at(1), { shareSetId: 'delivered' });
    await expect(sealed()).rejects.toThrowWithCode('Conflict');
    await expect(opened()).resolves.toMatchObject({ shareSetId: 'delivered' });
  });

  test('a direct seal is refused while the tombstone exists, and accepted once it is lifted', async () => {
    await revoked(at(1));
    await expect(sealed()).rejects.toThrowWithCode('Revoked');
    const lifting = deliveredRecord(wallet);
    await receiver.receiveCreated(lifting, newDelivery(at(2)), soon());
    await expect(sealed(lifting.recordId)).resolves.toMatchObject({ supersededRecordId: lifting.recordId });
  });

  test('a revocation destroys a record that was sealed directly, even if that was later than its event', async () => {
    await sealed();
    await expect(revoked(at(1))).resolves.toBe('revoked');
    await expect(opened()).rejects.toThrowWithCode('Revoked');
    await expect(auditor.records(wallet, soon())).resolves.toMatchObject({ records: [] });
  });

  test('a revocation destroys a direct record under a newer delivered one', async () => {
    await sealed();
    await created(minutesFromNow(4), { shareSetId: 'newer' });
    await expect(revoked(minutesFromNow(2))).resolves.toBe('superseded-destroyed');
    const { records } = await auditor.records(wallet, soon());
    expect(records.map(({ shareSetId }) => shareSetId)).toEqual(['newer']);
  });

  test('a revocation older than the newest event before a direct seal changes nothing, and logs nothing', async () => {
    const delegated = await delivered(at(10));
    const { recordId } = await sealed(delegated);

    await expect(revoked(at(5))).resolves.toBe('outdated');

    const { records } = await auditor.records(wallet, soon());
    expect(records.map((record) => record.recordId)).toEqual([delegated, recordId]);
    await expect(opened()).resolves.toMatchObject({ recordId });
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['seal sealed', 'seal sealed', 'unseal granted']);
  });

  test.each([
    ['as old as', at(10)],
    ['newer than', at(11)],
  ])('a revocation %s the newest event before a direct seal destroys it, and nothing comes back', async (_, time) => {
    await sealed(await delivered(at(10)));

    await expect(revoked(time)).resolves.toBe('revoked');

    await expect(opened()).rejects.toThrowWithCode('Revoked');
    await expect(auditor.records(wallet, soon())).resolves.toMatchObject({ records: [] });
  });

  const neighbours: readonly (readonly [string, () => WalletKey])[] = [
    ['chain of the same wallet id', () => ({ ...wallet, chain: 'SVM' })],
    ['wallet on the same chain', newWallet],
  ];
  test.each(neighbours)('another %s has an order, seals and revocations of its own', async (_, neighbour) => {
    const other = neighbour();
    const newer = deliveredRecord(other);
    await receiver.receiveCreated(newer, newDelivery(at(9)), soon());
    const keyShares = await insertServerKeyShares(superuser, other);

    await expect(created(at(1))).resolves.toBe('sealed');
    await expect(created(at(2))).resolves.toBe('sealed');
    await expect(revoked(at(3))).resolves.toBe('revoked');
    await revoker.revoke(wallet, KINDS, 'lost', caller, soon());

    await expect(unsealer.unseal(query(other), caller, soon())).resolves.toMatchObject({ recordId: newer.recordId });
    const next = newRecord(other, { supersedes: newer.recordId });
    await expect(sealer.seal(next, caller, soon())).resolves.toMatchObject({ recordId: next.recordId });
    await expect(receiver.receiveCreated(deliveredRecord(other), newDelivery(at(10)), soon())).resolves.toBe('sealed');
    await expect(opened()).rejects.toThrowWithCode('Revoked');
    const { records } = await auditor.records(other, soon());
    expect(records.map(({ recordId }) => recordId)).toContain(keyShares);
  });

  test.each(neighbours)('another %s does not move the order of a direct seal', async (_, neighbour) => {
    const live = await delivered(at(1));
    const other = neighbour();
    await receiver.receiveCreated(deliveredRecord(other), newDelivery(at(9)), soon());
    await sealed(live);

    await expect(revoked(at(2))).resolves.toBe('revoked');
  });

  test('a direct revocation outdates what happened before it', async () => {
    await revoker.revoke(wallet, KINDS, 'lost', caller, soon());
    await expect(created(minutesFromNow(-1))).resolves.toBe('outdated');
    await expect(revoked(minutesFromNow(-1))).resolves.toBe('outdated');
    await expect(opened()).rejects.toThrowWithCode('Revoked');
  });

  test('a direct revocation may be lifted by what happened after it', async () => {
    await revoker.revoke(wallet, KINDS, 'lost', caller, soon());
    await expect(created(minutesFromNow(1))).resolves.toBe('sealed');
    await expect(opened()).resolves.toMatchObject({ accessCount: 1 });
  });

  const standings: readonly (readonly [string, (ahead: DeliveredRecord) => Promise<unknown>])[] = [
    ['live', () => Promise.resolve()],
    ['superseded', ({ recordId }) => sealed(recordId)],
  ];
  test.each(standings)(
    'a direct revocation outdates what is not newer than a %s record of an event ahead',
    async (_, after) => {
      const ahead = deliveredRecord(wallet);
      const time = minutesFromNow(4);
      await receiver.receiveCreated(ahead, newDelivery(time), soon());
      await after(ahead);
      await revoker.revoke(wallet, KINDS, 'lost', caller, soon());
      await expect(created(time)).resolves.toBe('outdated');
      await expect(revocation(superuser, wallet)).resolves.toMatchObject({ until: time });
    },
  );

  test('a direct revocation never lets the newest revocation’s time fall', async () => {
    const ahead = minutesFromNow(4);
    await revoked(ahead);
    await revoker.revoke(wallet, KINDS, 'lost', caller, soon());
    await expect(revocation(superuser, wallet)).resolves.toMatchObject({ until: ahead });
  });

  test('a second direct revocation outdates all events before it', async () => {
    await revoker.revoke(wallet, KINDS, 'lost', caller, soon());
    const first = await revocation(superuser, wallet);
    await revoker.revoke(wallet, KINDS, 'lost', caller, soon());
    const second = await revocation(superuser, wallet);
    expect(second?.at).toEqual(first?.at);
    expect(Number(second?.until)).toBeGreaterThanOrEqual(Number(first?.until));
  });
});
