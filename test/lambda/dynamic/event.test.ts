import { describe, expect, test } from '@jest/globals';
import { type CreatedEvent, readEvent } from '../../../lambda/dynamic/event';
import { nanoseconds } from '../../support/nanoseconds';

const NOW = Date.UTC(2026, 10, 20, 10);
const COMMON = { eventId: 'event-1', messageId: 'message-1', timestamp: '2026-11-20T10:00:00.000Z' };
const ENVELOPES = { encryptedDelegatedShare: { alg: 'a' }, encryptedWalletApiKey: { alg: 'b' } };
const DATA = { chain: 'EVM', walletId: 'wallet-1', userId: 'user-1', publicKey: '0xabc', ...ENVELOPES };
const CREATED = { ...COMMON, eventName: 'wallet.delegation.created', data: DATA };
const REVOKED = { ...COMMON, eventName: 'wallet.delegation.revoked', data: { chain: 'EVM', walletId: 'wallet-1' } };

const read = (event: object) => readEvent(Buffer.from(JSON.stringify(event)), NOW);
const timeOf = (timestamp: string) => (read({ ...CREATED, timestamp }) as CreatedEvent).ids.eventTime;

describe('a created', () => {
  test('is read as what it says of the wallet, its envelopes as they came', () => {
    expect(read({ ...CREATED, data: { ...DATA, shareSetId: 'set-1' } })).toEqual({
      type: 'created',
      name: 'wallet.delegation.created',
      ids: { eventId: 'event-1', messageId: 'message-1', eventTime: nanoseconds(new Date(NOW)) },
      wallet: { chain: 'EVM', walletId: 'wallet-1', userId: 'user-1', publicKey: '0xabc', shareSetId: 'set-1' },
      envelopes: { delegatedShare: { alg: 'a' }, walletApiKey: { alg: 'b' } },
    });
  });

  test.each<[string, object]>([
    ['no share set', CREATED],
    ['null as its share set', { ...CREATED, data: { ...DATA, shareSetId: null } }],
    ['members that nobody knows', { ...CREATED, later: { a: 1 }, data: { ...DATA, later: ['hunter2'] } }],
    ['no user of the event', { ...CREATED, userId: null }],
    ['another user of the event', { ...CREATED, userId: 'user-2' }],
  ])('is read with %s', (_what, event) => {
    const wallet = { chain: 'EVM', walletId: 'wallet-1', userId: 'user-1', publicKey: '0xabc' };

    expect(read(event)).toMatchObject({ type: 'created', wallet });
    expect(read(event)).not.toHaveProperty('wallet.later');
  });

  test.each([
    ['2026-11-20T10:00:00Z', 1_795_168_800_000_000_000n],
    ['2026-11-20T10:00:00.5Z', 1_795_168_800_500_000_000n],
    ['2026-11-20T09:59:59.999999999Z', 1_795_168_799_999_999_999n],
    ['2026-11-20T10:00:00.000998Z', 1_795_168_800_000_998_000n],
    ['2026-11-20T10:00:00.000000001Z', 1_795_168_800_000_000_001n],
    ['2024-02-29T23:59:59.001Z', 1_709_251_199_001_000_000n],
    ['1970-01-01T00:00:00Z', 0n],
    ['2026-11-20T10:05:00.000Z', 1_795_169_100_000_000_000n],
  ])('of %s happened that many nanoseconds after 1970: %d', (timestamp, time) => {
    expect(timeOf(timestamp)).toBe(time);
  });

  test.each([
    '2026-11-20T10:05:00.001Z',
    '2026-11-20T10:05:00.000000001Z',
    '2026-11-20T10:00:00.0000000001Z',
    '2026-11-20T10:00:00.Z',
    '2025-02-29T00:00:00Z',
    '1969-12-31T23:59:59.999Z',
    '9999-12-31T23:59:59Z',
    '',
    '2026-11-20',
    '2026-11-20T09:00:00+00:00',
    '2026-11-20 09:00:00Z',
    '2026-11-20T09:60:00Z',
    '2026-13-20T09:00:00Z',
    '+002026-11-20T09:00:00Z',
    '2026-11-20T09:00:00Z\n',
    ' 2026-11-20T09:00:00Z',
  ])('of %j is refused', (timestamp) => {
    expect(() => timeOf(timestamp)).toThrowWithCode('InvalidRequest');
  });

  test('names every member in the way, and quotes none', () => {
    expect(() => read({ ...CREATED, eventId: 7, data: { ...DATA, walletId: '', chain: 'hunter2-hunter2' } })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^eventId: expected a string, .*; data\.walletId: .*; data\.chain: .*string$/),
      }),
    );
  });
});

describe('a revoked', () => {
  test('needs its wallet, its chain and its ids alone', () => {
    const expected = { type: 'revoked', wallet: { chain: 'EVM', walletId: 'wallet-1' }, ids: { eventId: 'event-1' } };

    expect(read(REVOKED)).toMatchObject(expected);
    expect(read({ ...REVOKED, data: { ...REVOKED.data, userId: 7, publicKey: null } })).toMatchObject(expected);
  });

  test.each(['walletId', 'chain'] as const)('is refused without its %s', (name) => {
    const data = { ...REVOKED.data, [name]: undefined };

    expect(() => read({ ...REVOKED, data })).toThrowWithCode('InvalidRequest');
  });
});

describe('another event', () => {
  test.each([
    ['ping', { type: 'ping', name: 'ping' }],
    ['wallet.created', { type: 'other', name: 'wallet.created' }],
    ['user.session.created_v2-x', { type: 'other', name: 'user.session.created_v2-x' }],
    ['Wallet.delegation.created', { type: 'other', name: undefined }],
    ['constructor ', { type: 'other', name: undefined }],
  ])('(%s) needs no more than its name', (eventName, expected) => {
    expect(read({ eventName })).toEqual(expected);
  });
});
