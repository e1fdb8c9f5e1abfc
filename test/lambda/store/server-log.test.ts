import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DeliveredRecord, Delivery, NewRecord, RecordStore } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import { at, caller, deliveredRecord, newDelivery, newRecord, newWallet, sha256, withProperties } from './fixtures';
import { sealBefore, unsealBefore } from './previous-release';

let database: TestDatabase;
let sealer: RecordStore;
let receiver: RecordStore;
beforeAll(async () => {
  // an operator may turn these on to look for a fault
  database = await TestDatabase.start({
    log_statement: 'all',
    log_min_duration_statement: 0,
    log_min_error_statement: 'debug5',
    log_error_verbosity: 'verbose',
  });
  sealer = await database.store('vault_sealer');
  receiver = await database.store('vault_receiver');
  database.keepOpen();
});
afterEach(() => database.disconnect());
afterAll(() => database.stop());

let record: NewRecord;
beforeEach(() => {
  // text, so that the log would contain it unchanged
  const sealed = { delegatedShare: marked('share'), walletApiKey: marked('key') };
  record = newRecord({ walletId: `marked-${newWallet().walletId}`, chain: 'EVM' }, { sealed, userId: 'marked-user' });
});

const marked = (text: string) => Buffer.from(`marked-${text}-${randomBytes(40).toString('hex')}`);
const delivered = (changes: Partial<DeliveredRecord> = {}) =>
  deliveredRecord(record, {
    userId: 'marked-user',
    sealed: { delegatedShare: marked('share'), walletApiKey: marked('key') },
    ...changes,
  });
const markedDelivery = (changes: Partial<Delivery> = {}) => {
  const { eventId, messageId } = newDelivery(at(1));
  return newDelivery(at(1), { eventId: `marked-${eventId}`, messageId: `marked-${messageId}`, ...changes });
};
/** Of text, and of bytes as PostgreSQL spells them. */
const MARK = new RegExp(`marked-|${Buffer.from('marked-').toString('hex')}`);

async function serverLog(): Promise<string> {
  return readFile(database.server.logFile, 'utf8');
}

describe('a log of every statement holds no value of a statement', () => {
  test('that succeeded', async () => {
    await sealer.seal(record, caller, soon());
    expect(await serverLog()).toContain('seal_records');
    expect(await serverLog()).not.toMatch(MARK);
  });

  test('that was refused', async () => {
    await sealer.seal(record, caller, soon());
    const again = { ...newRecord(record), userId: 'marked-user', sealed: record.sealed };
    await expect(sealer.seal(again, caller, soon())).rejects.toThrowWithCode('Conflict');
    expect(await serverLog()).not.toMatch(MARK);
  });

  const faults: readonly (readonly [string, Partial<NewRecord>])[] = [
    ['a missing message', { sealed: { delegatedShare: marked('share') } }],
    ['an oversized message', { sealed: { delegatedShare: marked('share'), walletApiKey: randomBytes(80_000) } }],
    ['a chain that is too long', { chain: 'marked-chain' }],
    ['an empty user', { userId: '' }],
    ['a control character', { publicKey: 'marked-\u0007' }],
    ['a malformed transport id', { transportIds: ['marked-id'] }],
    ['no transport id', { transportIds: [] }],
    ['a transport id twice', { transportIds: ['marked-transport-id-1', 'marked-transport-id-1'] }],
    ['properties of another digest', withProperties('marked-properties', { sha256: sha256('') })],
    ['properties without a digest', { ...withProperties('marked-properties'), propertiesSha256: undefined }],
  ];
  test.each(faults)('that failed: %s', async (_, fault) => {
    await expect(sealer.seal({ ...record, ...fault }, caller, soon())).rejects.toMatchObject({
      name: expect.stringMatching(/^(InternalError|Conflict)$/),
      message: expect.not.stringMatching(MARK),
    });
    expect(await serverLog()).not.toMatch(MARK);
  });

  test.each(faults)('of the previous release that failed: %s', async (_, fault) => {
    const client = await database.login('vault_sealer');
    await expect(sealBefore(client, { ...record, ...fault })).rejects.toMatchObject({
      code: expect.stringMatching(/^(2|SV001)/),
      message: expect.not.stringMatching(MARK),
    });
    expect(await serverLog()).toContain('seal_delegated_share');
    expect(await serverLog()).not.toMatch(MARK);
  });

  test('of the previous release that unseals', async () => {
    await sealer.seal(record, caller, soon());
    await expect(unsealBefore(await database.login('vault_unsealer'), record)).resolves.toBe('granted');
    expect(await serverLog()).toContain('unseal_delegated_share');
    expect(await serverLog()).not.toMatch(MARK);
  });

  test('that received a delivery, and one that received it again', async () => {
    await receiver.receiveCreated(delivered(), markedDelivery(), soon());
    const revocation = markedDelivery();
    await receiver.receiveRevoked(record, revocation, soon());
    await receiver.receiveRevoked(record, revocation, soon());
    expect(await serverLog()).toContain('accept_revoked');
    expect(await serverLog()).not.toMatch(MARK);
  });

  test('that was refused for the ids of another delivery', async () => {
    const delivery = markedDelivery();
    await receiver.receiveCreated(delivered(), delivery, soon());
    const other = { walletId: `marked-${newWallet().walletId}`, chain: 'EVM' };
    await expect(receiver.receiveRevoked(other, delivery, soon())).rejects.toThrowWithCode('Conflict');
    expect(await serverLog()).not.toMatch(MARK);
  });

  test('that was refused for the ids of another delivery at the same time', async () => {
    const delivery = markedDelivery();
    const others = Array.from({ length: 8 }, () => ({ walletId: `marked-${newWallet().walletId}`, chain: 'EVM' }));
    const stores = await Promise.all(others.map(() => database.store('vault_receiver')));
    const attempts = stores.map((store, index) => store.receiveRevoked(others[index] ?? record, delivery, soon()));
    const ends = await Promise.allSettled(attempts);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await serverLog()).not.toMatch(MARK);
  });

  const deliveryFaults: readonly (readonly [string, Partial<DeliveredRecord>, Partial<Delivery>])[] = [
    ['an oversized message', { sealed: { delegatedShare: marked('share'), walletApiKey: randomBytes(80_000) } }, {}],
    ['a chain that is too long', { chain: 'marked-chain' }, {}],
    ['an empty user', { userId: '' }, {}],
    ['a control character', { publicKey: 'marked-\u0007' }, {}],
    ['an event id that is too long', {}, { eventId: 'marked-'.repeat(40) }],
    ['an empty event id', {}, { eventId: '' }],
    ['a message id with a control character', {}, { messageId: 'marked-\u0007' }],
    ['a request id that is too long', {}, { requestId: 'marked-'.repeat(40) }],
  ];
  test.each(deliveryFaults)('of a delivery that failed: %s', async (_, fault, deliveryFault) => {
    const attempt = receiver.receiveCreated(delivered(fault), markedDelivery(deliveryFault), soon());
    await expect(attempt).rejects.toMatchObject({ name: 'InternalError', message: expect.not.stringMatching(MARK) });
    expect(await serverLog()).not.toMatch(MARK);
  });

  const incomplete: readonly (readonly [string, string, readonly unknown[]])[] = [
    [
      'accept_created',
      "gen_random_uuid(), $1, 'EVM', $1, $1, $1, $2, $2, $1, $1, $1, NULL, $1",
      ['marked-text', Buffer.from('marked-share')],
    ],
    ['accept_revoked', "$1, 'EVM', NULL, $1, NULL, $1", ['marked-text']],
  ];
  test.each(incomplete)('of a delivery without a required value: %s', async (name, parameters, values) => {
    const client = await database.login('vault_receiver');
    const attempt = client.query(`SELECT vault_api.${name}(${parameters})`, [...values]);
    await expect(attempt).rejects.toMatchObject({ code: '22023' });
    expect(await serverLog()).not.toMatch(MARK);
  });

  test('that gives a role its password', async () => {
    const { password } = await database.settings('vault_revoker');
    const verifier = /PASSWORD 'SCRAM-SHA-256/;
    expect(await serverLog()).toMatch(verifier);
    expect(await serverLog()).not.toContain(await password());
  });
});
