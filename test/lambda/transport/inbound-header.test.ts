import { describe, expect, test } from '@jest/globals';
import { checkInboundHeader } from '../../../lambda/transport/inbound-header';
import { BINDING, HEADER, KID, NOW_MS } from './support/inbound-jwe';
import { failingKey } from './support/rsa-key';

const key = failingKey(new Error('expected not to be asked'));
const KEYS = new Map([[KID, key]]);
const NOW_SECONDS = NOW_MS / 1_000;

const checkText = (text: string) => checkInboundHeader(Buffer.from(text), BINDING, KEYS, NOW_MS);
const check = (changes: object) => checkText(JSON.stringify({ ...HEADER, ...changes }));

describe('checkInboundHeader', () => {
  test('returns the key and the transport id of a header that fits', () => {
    expect(check({})).toEqual({ key, transportId: HEADER.jti });
  });

  test.each(Object.keys(HEADER))('refuses a header without %s', (name) => {
    const action = () => check({ [name]: undefined });

    expect(action).toThrowWithCode('TransportRejected');
    expect(action).toThrow(`header: expected a member ${name}, got none`);
  });

  test.each(
    Object.keys(HEADER).flatMap((name) => [null, true, 7.5, [], {}, ['x']].map((value) => [name, value] as const)),
  )('refuses a header whose %s is %j', (name, value) => {
    expect(() => check({ [name]: value })).toThrowWithCode('TransportRejected');
  });

  test.each([
    ['alg', 'RSA-OAEP'],
    ['alg', 'RSA1_5'],
    ['alg', 'RSA-OAEP-512'],
    ['alg', 'dir'],
    ['alg', 'none'],
    ['alg', 'rsa-oaep-256'],
    ['enc', 'A128GCM'],
    ['enc', 'A256CBC-HS512'],
    ['typ', 'share-vault-out'],
    ['typ', 'JWT'],
    ['kid', 'intake-2'],
    ['kid', ''],
    ['kid', '__proto__'],
    ['env', 'prod'],
    ['kind', 'server-key-shares'],
    ['field', 'wallet_api_key'],
    ['walletId', 'hunter2'],
    ['walletId', `${BINDING.walletId} `],
    ['walletId', BINDING.walletId.toUpperCase()],
    ['userId', 'hunter2'],
    ['userId', 'zoe\u0308/"1"'],
    ['userId', ''],
    ['chain', 'SVM'],
    ['chain', 'evm'],
    ['jti', 'hunter2'],
    ['jti', 'A'.repeat(15)],
    ['jti', 'A'.repeat(65)],
    ['jti', 'A'.repeat(16) + '='],
    ['jti', 'A'.repeat(16) + '\n'],
    ['jti', 'A'.repeat(15) + '+'],
    ['iat', String(NOW_SECONDS)],
    ['iat', NOW_SECONDS + 0.5],
    ['iat', NOW_MS],
    ['iat', 2 ** 60],
    ['iat', -1],
  ])('refuses the %s %j and names it without its value', (name, value) => {
    const action = () => check({ [name]: value });

    expect(action).toThrowWithCode('TransportRejected');
    expect(action).toThrow(new RegExp(`\\b${name}\\b`));
    expect(action).not.toThrow('hunter2');
  });

  test.each([-600, -1, 0, 60])('accepts an iat %d seconds from now', (seconds) => {
    expect(check({ iat: NOW_SECONDS + seconds }).transportId).toBe(HEADER.jti);
  });

  test.each([
    ['more than ten minutes old', -601, 'expected an iat of the last 600 seconds, got an older one'],
    ['more than a minute ahead', 61, 'expected an iat at most 60 seconds ahead, got a later one'],
    ['ten minutes ahead', 599, 'expected an iat at most 60 seconds ahead, got a later one'],
  ])('refuses an iat that is %s, and says so', (_case, seconds, problem) => {
    const action = () => check({ iat: NOW_SECONDS + seconds });

    expect(action).toThrowWithCode('TransportRejected');
    expect(action).toThrow(problem);
  });

  test.each([16, 64])('accepts a jti of %d characters', (length) => {
    const jti = '-_'.repeat(length / 2);

    expect(check({ jti }).transportId).toBe(jti);
  });

  test.each(['crit', 'zip', 'epk', 'jku', 'jwk', 'x5u', 'x5c', 'apu', 'cty', 'b64', 'record', 'hunter2'])(
    'refuses the further member %s without repeating it',
    (name) => {
      const action = () => check({ [name]: 'DEF' });

      expect(action).toThrowWithCode('TransportRejected');
      expect(action).toThrow(/^header: expected no other member, got one$/);
    },
  );

  test('refuses a further member that is called __proto__', () => {
    const text = JSON.stringify(HEADER).replace('{', '{"__proto__":"x",');

    expect(() => checkText(text)).toThrowWithCode('TransportRejected');
  });

  test('reads no member from __proto__', () => {
    const inherited = JSON.stringify({ ...HEADER, chain: undefined }).replace('{', '{"__proto__":{"chain":"EVM"},');

    expect(() => checkText(inherited)).toThrowWithCode('TransportRejected');
  });

  test.each([
    ['first', `{"walletId":"another",${JSON.stringify(HEADER).slice(1)}`],
    ['last', `${JSON.stringify(HEADER).slice(0, -1)},"chain":"EVM"}`],
    ['spelled otherwise', `{"\\u0063hain":"SVM",${JSON.stringify(HEADER).slice(1)}`],
  ])('refuses a member that comes twice, the other %s', (_case, text) => {
    expect(() => checkText(text)).toThrowWithCode('TransportRejected');
  });
});
