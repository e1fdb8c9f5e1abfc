import { describe, expect, test } from '@jest/globals';
import type { Delivery, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { created, opened, revoked, wallet, useNewWallet } from './deliveries';
import { at, deliveredRecord, newDelivery, newWallet, remembered, rowsOf } from './fixtures';
import { superuser, receiver, useStores } from './stores';

useStores(['receiver', 'unsealer']);
useNewWallet();

describe('whether a created was seen', () => {
  const seen = (delivery: Delivery, of = wallet) => receiver.createdSeen(of, delivery, soon());

  test('is known from its acceptance on, although it was outdated', async () => {
    const [first, late] = [newDelivery(at(2)), newDelivery(at(1))];
    await expect(seen(first)).resolves.toBe(false);

    await receiver.receiveCreated(deliveredRecord(wallet), first, soon());
    await receiver.receiveCreated(deliveredRecord(wallet), late, soon());

    await expect(Promise.all([seen(first), seen(late)])).resolves.toEqual([true, true]);
  });

  test('is a conflict if its ids are those of a revocation or of another wallet', async () => {
    const [event, other] = [newDelivery(at(1)), newDelivery(at(1))];
    await receiver.receiveRevoked(wallet, event, soon());
    await receiver.receiveCreated(deliveredRecord(newWallet()), other, soon());

    await expect(seen(event)).rejects.toThrowWithCode('Conflict');
    await expect(seen(other)).rejects.toThrowWithCode('Conflict');
  });
});

describe('a delivery seen before', () => {
  const samples: readonly (readonly [string, (delivery: Delivery) => Partial<Delivery>])[] = [
    ['by both ids', ({ eventId, messageId }) => ({ eventId, messageId })],
    ['by its event id', ({ eventId }) => ({ eventId })],
    ['by its message id', ({ messageId }) => ({ messageId })],
  ];

  test.each(samples)('is a duplicate that changes nothing, even if it were newer: created, %s', async (_, ids) => {
    const first = newDelivery(at(1));
    await receiver.receiveCreated(deliveredRecord(wallet, { shareSetId: 'first' }), first, soon());
    const rows = await rowsOf(superuser, wallet);
    const again = newDelivery(at(9), ids(first));
    await expect(receiver.receiveCreated(deliveredRecord(wallet), again, soon())).resolves.toBe('duplicate');
    await expect(rowsOf(superuser, wallet)).resolves.toBe(rows);
    await expect(opened()).resolves.toMatchObject({ shareSetId: 'first' });
  });

  test.each(samples)('is a duplicate that changes nothing, even if it were newer: revoked, %s', async (_, ids) => {
    const first = newDelivery(at(1));
    await receiver.receiveRevoked(wallet, first, soon());
    await created(at(2));
    const rows = await rowsOf(superuser, wallet);
    const again = newDelivery(at(9), ids(first));
    await expect(receiver.receiveRevoked(wallet, again, soon())).resolves.toBe('duplicate');
    await expect(rowsOf(superuser, wallet)).resolves.toBe(rows);
    await expect(opened()).resolves.toMatchObject({ accessCount: 1 });
  });

  test('is a duplicate after it was outdated, too', async () => {
    await revoked(at(2));
    const late = newDelivery(at(1));
    await expect(receiver.receiveCreated(deliveredRecord(wallet), late, soon())).resolves.toBe('outdated');
    await expect(receiver.receiveCreated(deliveredRecord(wallet), late, soon())).resolves.toBe('duplicate');
    await expect(remembered(superuser, wallet)).resolves.toEqual([
      'wallet.delegation.revoked revoked',
      'wallet.delegation.created outdated',
    ]);
  });

  test('is a duplicate after its record was destroyed', async () => {
    const first = newDelivery(at(1));
    await receiver.receiveCreated(deliveredRecord(wallet), first, soon());
    await revoked(at(2));
    await expect(receiver.receiveCreated(deliveredRecord(wallet), first, soon())).resolves.toBe('duplicate');
    await expect(opened()).rejects.toThrowWithCode('Revoked');
  });

  test.each([
    ['wallet', () => ({ ...newWallet() })],
    ['chain', ({ walletId }: WalletKey) => ({ walletId, chain: 'SVM' })],
  ])('is refused for another %s, and leaves no row', async (_, another) => {
    const delivery = newDelivery(at(1));
    await receiver.receiveCreated(deliveredRecord(wallet), delivery, soon());
    const other = another(wallet);
    const byEvent = newDelivery(at(2), { eventId: delivery.eventId });
    const byMessage = newDelivery(at(2), { messageId: delivery.messageId });
    const creation = receiver.receiveCreated(deliveredRecord(other), byEvent, soon());
    await expect(creation).rejects.toThrowWithCode('Conflict');
    await expect(receiver.receiveRevoked(other, byMessage, soon())).rejects.toThrowWithCode('Conflict');
    await expect(rowsOf(superuser, other)).resolves.toBe(0);
  });

  test('is refused as another event of the same wallet', async () => {
    const delivery = newDelivery(at(1));
    await receiver.receiveCreated(deliveredRecord(wallet), delivery, soon());
    const again = newDelivery(at(2), { messageId: delivery.messageId });
    await expect(receiver.receiveRevoked(wallet, again, soon())).rejects.toThrowWithCode('Conflict');
    await expect(opened()).resolves.toMatchObject({ accessCount: 1 });
  });

  test('is refused if one id is its own and the other of another wallet', async () => {
    const own = newDelivery(at(1));
    const foreign = newDelivery(at(1));
    await receiver.receiveCreated(deliveredRecord(wallet), own, soon());
    await receiver.receiveRevoked(newWallet(), foreign, soon());
    const mixed = newDelivery(at(2), { eventId: own.eventId, messageId: foreign.messageId });
    const attempt = receiver.receiveCreated(deliveredRecord(wallet), mixed, soon());
    await expect(attempt).rejects.toThrowWithCode('Conflict');
  });
});
