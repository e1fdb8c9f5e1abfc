import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isCanonicalId } from '../../../lambda/contract/canonical';
import { type CreatedEvent, type RevokedEvent, readEvent } from '../../../lambda/webhook/event';
import { nanoseconds } from '../../support/nanoseconds';
import { RUNS } from '../transport/support/runs';

const NOW = Date.UTC(2026, 10, 20, 10);
const COMMON = { eventId: 'event-1', messageId: 'message-1', timestamp: '2026-11-20T10:00:00.000Z' };
const ENVELOPES = { encryptedDelegatedShare: { alg: 'a' }, encryptedWalletApiKey: { alg: 'b' } };
const DATA = { chain: 'EVM', walletId: 'wallet-1', userId: 'user-1', publicKey: '0xabc', ...ENVELOPES };
const CREATED = { ...COMMON, eventName: 'wallet.delegation.created', data: DATA };
const REVOKED = { ...COMMON, eventName: 'wallet.delegation.revoked', data: { chain: 'EVM', walletId: 'wallet-1' } };

const read = (event: object) => readEvent(Buffer.from(JSON.stringify(event)), NOW);
const timeOf = (timestamp: string) => (read({ ...CREATED, timestamp }) as CreatedEvent).ids.eventTime;

describe('a created', () => {
  test('is read with the facts of the wallet and unchanged envelopes', () => {
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
    ['its chain in small letters', { ...CREATED, data: { ...DATA, chain: 'evm' } }],
    ['null as its share set', { ...CREATED, data: { ...DATA, shareSetId: null } }],
    ['members that nobody knows', { ...CREATED, later: { a: 1 }, data: { ...DATA, later: ['hunter2'] } }],
    ['no user of the event', { ...CREATED, userId: null }],
    ['another user of the event', { ...CREATED, userId: 'user-2' }],
  ])('is read with %s', (_what, event) => {
    const wallet = { chain: 'EVM', walletId: 'wallet-1', userId: 'user-1', publicKey: '0xabc' };

    expect(read(event)).toMatchObject({ type: 'created', wallet });
    expect(read(event)).not.toHaveProperty('wallet.later');
  });

  test.each([undefined, null])('has the id of its event as that of its message if that is %j', (messageId) => {
    expect(read({ ...CREATED, messageId })).toMatchObject({ ids: { eventId: 'event-1', messageId: 'event-1' } });
  });

  test.each([
    ['SVM', 'SVM'],
    ['Stellar', 'STELLAR'],
    ['eip155:1', 'eip155:1'],
    ['EIP155:1', 'eip155:1'],
    ['ton:-239', 'ton:-239'],
  ])('of the chain %s is of the wallet on %s', (sent, chain) => {
    expect(read({ ...CREATED, data: { ...DATA, chain: sent } })).toMatchObject({ wallet: { chain } });
  });

  test.each<[string, object]>([
    ['a blank after its chain', { chain: 'EVM ' }],
    ['an invisible character in its chain', { chain: 'EVM\u200b' }],
    ['a chain in other letters', { chain: 'ЕVM' }],
    ['a letter in its chain that stands for two', { chain: 'E\u00df' }],
    ['a blank before its wallet', { walletId: ' wallet-1' }],
    ['an invisible character in its wallet', { walletId: 'wallet\u2060-1' }],
    ['a user in Unicode form NFD', { userId: 'e\u0301' }],
  ])('is refused with %s', (_what, changes) => {
    expect(() => read({ ...CREATED, data: { ...DATA, ...changes } })).toThrowWithCode('InvalidRequest');
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
    ['2026-11-20T09:00:00+00:00', 1_795_165_200_000_000_000n],
    ['2026-11-20T12:00:00.25+02:30', 1_795_167_000_250_000_000n],
    ['2026-11-19T22:00:00-05:00', 1_795_143_600_000_000_000n],
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
    '2026-11-20T10:05:00.001+00:00',
    '2026-11-20T09:00:00+24:00',
    '2026-11-20T09:00:00+0000',
    '2026-02-30T09:00:00+01:00',
    '2026-11-20 09:00:00Z',
    '2026-11-20T09:60:00Z',
    '2026-13-20T09:00:00Z',
    '+002026-11-20T09:00:00Z',
    '2026-11-20T09:00:00Z\n',
    ' 2026-11-20T09:00:00Z',
  ])('of %j is refused', (timestamp) => {
    expect(() => timeOf(timestamp)).toThrowWithCode('InvalidRequest');
  });

  test('is refused with the names of all wrong members, and no value', () => {
    expect(() => read({ ...CREATED, eventId: 7, data: { ...DATA, walletId: '', chain: 'hunter2-hunter2' } })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^eventId: expected a string, .*; data\.walletId: .*; data\.chain: .*string$/),
      }),
    );
  });
});

describe('a revoked', () => {
  test('is read as it is sent, its own time included', () => {
    expect(read(REVOKED)).toEqual({
      type: 'revoked',
      name: 'wallet.delegation.revoked',
      ids: { eventId: 'event-1', messageId: 'message-1', eventTime: nanoseconds(new Date(NOW)) },
      wallet: { chain: 'EVM', walletId: 'wallet-1' },
      early: false,
    });
  });

  test('is read as Dynamic prints it, without an id of its message', () => {
    expect(
      read({
        eventName: 'wallet.delegation.revoked',
        eventId: '3f0a1b1c-0000-4000-8000-aaaaaaaaaaaa',
        timestamp: '2025-10-01T16:00:00.000Z',
        userId: '7eb7843b-2a4d-4f69-b95e-d219f0662fda',
        data: { walletId: '25193936-3ecd-4c1b-84e6-9eabc82e53c2', chain: 'EVM' },
      }),
    ).toMatchObject({
      ids: {
        eventId: '3f0a1b1c-0000-4000-8000-aaaaaaaaaaaa',
        messageId: '3f0a1b1c-0000-4000-8000-aaaaaaaaaaaa',
        eventTime: nanoseconds(new Date('2025-10-01T16:00:00.000Z')),
      },
      wallet: { walletId: '25193936-3ecd-4c1b-84e6-9eabc82e53c2', chain: 'EVM' },
    });
  });

  test.each<[string, object]>([
    ['its user, environment and webhook', { userId: 7, environmentId: [], webhookId: {}, redelivery: 'yes' }],
    ['its public key', { data: { ...REVOKED.data, userId: 7, publicKey: null } }],
  ])('is read whatever %s are', (_what, changes) => {
    expect(read({ ...REVOKED, ...changes })).toMatchObject({ type: 'revoked', wallet: REVOKED.data });
  });

  test.each([undefined, null, '', 7, 'event\u200b', 'e'.repeat(256), ['event-1']])(
    'whose event id is %j has the id of its message',
    (eventId) => {
      expect(read({ ...REVOKED, eventId })).toMatchObject({ ids: { eventId: 'message-1', messageId: 'message-1' } });
    },
  );

  test('without any id has the hash of its bytes, so that a repetition is known', () => {
    const event = { ...REVOKED, eventId: null, messageId: undefined };
    const other = { ...event, data: { ...REVOKED.data, walletId: 'wallet-2' } };

    expect(read(event)).toMatchObject({ ids: { eventId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) } });
    expect(read(event)).toEqual(read(event));
    expect((read(event) as RevokedEvent).ids.eventId).not.toBe((read(other) as RevokedEvent).ids.eventId);
  });

  test.each([undefined, null, '', 'yesterday', 1_795_168_800_000, '2026-02-30T10:00:00Z', '2026-11-20T10:00:00'])(
    'whose time is %j has no time',
    (timestamp) => {
      expect(read({ ...REVOKED, timestamp })).toMatchObject({ ids: { eventTime: undefined }, early: false });
    },
  );

  test.each(['2026-11-20T10:05:00.001Z', '2099-01-01T00:00:00Z', '2026-11-20T10:00:00-01:00'])(
    'whose time %s is too far ahead is early, and has none yet',
    (timestamp) => {
      expect(read({ ...REVOKED, timestamp })).toMatchObject({ ids: { eventTime: undefined }, early: true });
    },
  );

  test('may be as far ahead as a created', () => {
    const event = read({ ...REVOKED, timestamp: '2026-11-20T10:05:00Z' });

    expect(event).toMatchObject({ ids: { eventTime: nanoseconds(new Date(NOW + 300_000)) }, early: false });
  });

  test.each([undefined, null, 7, '', 'Ethereum mainnet', 'ЕVM'])('whose chain is %j names none', (chain) => {
    const { wallet } = read({ ...REVOKED, data: { ...REVOKED.data, chain } }) as RevokedEvent;

    expect(wallet).toEqual({ walletId: 'wallet-1', chain: undefined });
  });

  test.each(['evm', 'EVM ', 'EVM\u200b', ' \u202eEvM\n'])('names the chain %j as it was sent', (chain) => {
    expect(read({ ...REVOKED, data: { ...REVOKED.data, chain } })).toMatchObject({ wallet: { chain } });
  });

  test.each([undefined, null, 7, '', 'w'.repeat(256), '\ud83d'])('is refused if its wallet is %j', (walletId) => {
    const data = { ...REVOKED.data, walletId };

    expect(() => read({ ...REVOKED, data })).toThrowWithCode('InvalidRequest');
  });

  test('is refused with a member twice, as any event is', () => {
    const body = JSON.stringify(REVOKED).replace('"walletId"', '"walletId":"wallet-2","walletId"');

    expect(() => readEvent(Buffer.from(body), NOW)).toThrowWithCode('InvalidRequest');
  });

  test('of a wallet is read whatever else it holds', () => {
    const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
    const other = fc.dictionary(fc.string({ maxLength: 8 }), json, { maxKeys: 4 });
    const members = fc.record({ eventId: json, messageId: json, timestamp: json });
    fc.assert(
      fc.property(other, members, other, json, (top, given, data, chain) => {
        const event = read({
          ...top,
          ...given,
          eventName: REVOKED.eventName,
          data: { ...data, chain, walletId: 'wallet-1' },
        });
        expect(event).toMatchObject({ type: 'revoked', wallet: { walletId: 'wallet-1' } });
        const { eventId, messageId } = (event as RevokedEvent).ids;
        expect([eventId, messageId].every(isCanonicalId)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('another event', () => {
  test.each([
    ['ping', { type: 'ping', name: 'ping' }],
    ['wallet.created', { type: 'other', name: 'wallet.created' }],
    ['user.session.created_v2-x', { type: 'other', name: 'user.session.created_v2-x' }],
    ['Wallet.delegation.created', { type: 'other', name: undefined }],
    ['constructor ', { type: 'other', name: undefined }],
  ])('named %s is read with nothing but its name', (eventName, expected) => {
    expect(read({ eventName })).toEqual(expected);
  });
});
