import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { soon } from '../../support/postgres';
import { created, opened, revoked, wallet, useNewWallet } from './deliveries';
import {
  at,
  caller,
  deliveredRecord,
  insertServerKeyShares,
  newDelivery,
  newRecord,
  newWallet,
  outcomes,
  query,
  revocation,
  rowsOf,
} from './fixtures';
import { superuser, receiver, sealer, unsealer, auditor, useStores } from './stores';

useStores(['receiver', 'sealer', 'unsealer', 'auditor']);
useNewWallet();

describe('created', () => {
  test('stores the messages that unseal returns, byte for byte, without properties', async () => {
    const record = deliveredRecord(wallet);
    await expect(receiver.receiveCreated(record, newDelivery(at(1)), soon())).resolves.toBe('sealed');
    await expect(opened()).resolves.toEqual({
      recordId: record.recordId,
      userId: 'user-1',
      publicKey: '0xabc',
      shareSetId: 'set-1',
      propertiesSha256: undefined,
      sealed: record.sealed,
      accessCount: 1,
      propertiesChanged: false,
    });
  });

  test('keeps the delivery with the record, its time to the nanosecond', async () => {
    const delivery = newDelivery(1_795_165_200_123_456_789n);
    const record = deliveredRecord(wallet, { userId: undefined, shareSetId: undefined });
    await receiver.receiveCreated(record, delivery, soon());
    const { rows } = await superuser.query(
      'SELECT event_id, message_id, order_ns, user_id, share_set_id FROM vault.delegated_shares WHERE id = $1',
      [record.recordId],
    );
    expect(rows).toEqual([
      {
        event_id: delivery.eventId,
        message_id: delivery.messageId,
        order_ns: '1795165200123456789',
        user_id: null,
        share_set_id: null,
      },
    ]);
  });

  test('is logged as a seal by the webhook', async () => {
    const record = deliveredRecord(wallet);
    await receiver.receiveCreated(record, newDelivery(at(1)), soon());
    await expect(auditor.log(wallet, 0, 10, soon())).resolves.toMatchObject([
      {
        action: 'seal',
        outcome: 'sealed',
        actor: 'dynamic:webhook',
        requestId: 'request-1',
        recordId: record.recordId,
      },
    ]);
  });

  test('supersedes an older record, which stays sealed and unreadable', async () => {
    await created(at(1), { shareSetId: 'old' });
    await expect(created(at(2), { shareSetId: 'new' })).resolves.toBe('sealed');
    await expect(opened()).resolves.toMatchObject({ shareSetId: 'new' });
    const { records } = await auditor.records(wallet, soon());
    expect(records.map(({ shareSetId, supersededAt }) => [shareSetId, typeof supersededAt])).toEqual([
      ['old', 'string'],
      ['new', 'undefined'],
    ]);
  });

  test('is outdated if it is older than the live record, and logs nothing', async () => {
    await created(at(2), { shareSetId: 'standing' });
    await expect(created(at(1))).resolves.toBe('outdated');
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['seal sealed']);
    await expect(opened()).resolves.toMatchObject({ shareSetId: 'standing' });
  });

  test.each([
    ['older', at(1)],
    ['as old', at(2)],
  ])('is outdated if it is %s than the revocation, and is not stored', async (_, time) => {
    await revoked(at(2));
    await expect(created(time)).resolves.toBe('outdated');
    await expect(opened()).rejects.toThrowWithCode('Revoked');
    await expect(auditor.records(wallet, soon())).resolves.toMatchObject({ records: [] });
  });

  test('lifts the tombstone if it is newer, and no older one is stored after it', async () => {
    await revoked(at(2));
    await expect(created(at(3), { shareSetId: 'new' })).resolves.toBe('sealed');
    await expect(revocation(superuser, wallet)).resolves.toEqual({ at: null, until: at(2) });
    await expect(created(at(1))).resolves.toBe('outdated');
    await expect(opened()).resolves.toMatchObject({ shareSetId: 'new' });
  });

  test('destroys what was superseded more than 30 days ago', async () => {
    const old = deliveredRecord(wallet);
    await receiver.receiveCreated(old, newDelivery(at(1)), soon());
    await created(at(2));
    await superuser.query(
      "UPDATE vault.delegated_shares SET superseded_at = now() - interval '31 days' WHERE id = $1",
      [old.recordId],
    );
    await created(at(3));
    const { records } = await auditor.records(wallet, soon());
    expect(records.map(({ recordId }) => recordId)).not.toContain(old.recordId);
    expect(records).toHaveLength(2);
  });

  test.each([
    [
      'a message over the largest size',
      { sealed: { delegatedShare: randomBytes(73_729), walletApiKey: randomBytes(9) } },
    ],
    ['an empty message', { sealed: { delegatedShare: Buffer.alloc(0), walletApiKey: randomBytes(9) } }],
    ['a chain over 10 characters', { chain: 'ABCDEFGHIJK' }],
    ['a wallet id with a control character', { walletId: `w\u0007${newWallet().walletId}` }],
    ['an empty user id', { userId: '' }],
  ])('refuses %s, and leaves no row', async (_, changes) => {
    const record = deliveredRecord(wallet, changes);
    const attempt = receiver.receiveCreated(record, newDelivery(at(1)), soon());
    await expect(attempt).rejects.toThrowWithCode('InternalError');
    await expect(rowsOf(superuser, record)).resolves.toBe(0);
  });

  test.each([
    ['event id', { eventId: '' }],
    ['message id', { messageId: '' }],
    ['request id', { requestId: '' }],
  ])('refuses an empty %s, and leaves no row', async (_, changes) => {
    const delivery = newDelivery(at(1), changes);
    const attempt = receiver.receiveCreated(deliveredRecord(wallet), delivery, soon());
    await expect(attempt).rejects.toThrowWithCode('InternalError');
    await expect(rowsOf(superuser, wallet)).resolves.toBe(0);
  });
});

describe('revoked', () => {
  test('destroys live and superseded records, and leaves the tombstone', async () => {
    await created(at(1));
    await created(at(2));
    await expect(revoked(at(3))).resolves.toBe('revoked');
    await expect(opened()).rejects.toThrowWithCode('Revoked');
    await expect(auditor.records(wallet, soon())).resolves.toEqual({ records: [], revokedAt: expect.any(String) });
    await expect(revocation(superuser, wallet)).resolves.toEqual({ at: expect.any(Date), until: at(3) });
  });

  test('is logged as a revocation by the webhook', async () => {
    await receiver.receiveRevoked(wallet, newDelivery(at(1), { eventId: 'event-1' }), soon());
    const [entry] = await auditor.log(wallet, 0, 10, soon());
    expect(entry).toMatchObject({
      action: 'revoke',
      outcome: 'revoked',
      actor: 'dynamic:webhook',
      requestId: 'request-1',
      reason: 'event event-1',
    });
  });

  test('leaves a tombstone for a wallet never seen', async () => {
    await expect(revoked(at(1))).resolves.toBe('revoked');
    await expect(sealer.seal(newRecord(wallet), caller, soon())).rejects.toThrowWithCode('Revoked');
  });

  test('wins over a record of the same time', async () => {
    await created(at(1));
    await expect(revoked(at(1))).resolves.toBe('revoked');
  });

  test('is outdated if there is a newer record, which stays readable, and destroys older ones', async () => {
    await created(at(1));
    await created(at(3), { shareSetId: 'newer' });
    await expect(revoked(at(2))).resolves.toBe('superseded-destroyed');
    const { records } = await auditor.records(wallet, soon());
    expect(records.map(({ shareSetId }) => shareSetId)).toEqual(['newer']);
    await expect(opened()).resolves.toMatchObject({ shareSetId: 'newer' });
    await expect(revocation(superuser, wallet)).resolves.toEqual({ at: null, until: at(2) });
    await expect(outcomes(superuser, wallet)).resolves.toEqual([
      'seal sealed',
      'seal sealed',
      'revoke superseded-destroyed',
      'unseal granted',
    ]);
  });

  test('logs nothing if there is a newer record and no older one', async () => {
    await created(at(3));
    await expect(revoked(at(2))).resolves.toBe('outdated');
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['seal sealed']);
  });

  test.each([
    ['older', at(1)],
    ['as old', at(2)],
  ])('is outdated if it is %s than another revocation, and logs nothing', async (_, time) => {
    await revoked(at(2));
    await expect(revoked(time)).resolves.toBe('outdated');
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['revoke revoked']);
    await expect(revocation(superuser, wallet)).resolves.toEqual({ at: expect.any(Date), until: at(2) });
  });

  test('that is newer than another moves what it outdates, and keeps the tombstone as it is', async () => {
    await revoked(at(1));
    const before = await revocation(superuser, wallet);
    await expect(revoked(at(3))).resolves.toBe('revoked');
    await expect(revocation(superuser, wallet)).resolves.toEqual({ at: before?.at, until: at(3) });
    await expect(created(at(2))).resolves.toBe('outdated');
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['revoke revoked', 'revoke already-revoked']);
  });

  test('leaves server key shares unchanged', async () => {
    await created(at(1));
    await insertServerKeyShares(superuser, wallet);
    await revoked(at(2));
    const { records } = await auditor.records(wallet, soon());
    expect(records.map(({ kind }) => kind)).toEqual(['server-key-shares']);
  });

  test('changes no other wallet, and not the same one on another chain', async () => {
    const other = { ...wallet, chain: 'SVM' };
    await receiver.receiveCreated(deliveredRecord(other), newDelivery(at(1)), soon());
    await revoked(at(2));
    await expect(unsealer.unseal(query(other), caller, soon())).resolves.toMatchObject({ accessCount: 1 });
  });
});
