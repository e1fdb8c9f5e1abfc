import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ShareVaultClient, type ShareVaultClientOptions } from '../../client/index';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const jwk = publicKey.export({ format: 'jwk' });
const GOOD: ShareVaultClientOptions = {
  environment: 'prod',
  actor: 'signer',
  functions: { seal: 'vault-seal', unseal: 'vault-unseal' },
  intakeKeys: [{ kid: 'intake-1', publicKey }],
};

const make = (changes: object) => () => new ShareVaultClient({ ...GOOD, ...changes });

describe('ShareVaultClient accepts', () => {
  test.each([
    ['a key object', { intakeKeys: [{ kid: 'a', publicKey }] }],
    ['a PEM', { intakeKeys: [{ kid: 'a', publicKey: pem }] }],
    ['a JWK', { intakeKeys: [{ kid: 'a', publicKey: jwk }] }],
    ['functions by ARN', { functions: { unseal: 'arn:aws:lambda:eu-central-1:111122223333:function:vault-unseal' } }],
    ['functions by partial ARN', { functions: { unseal: '111122223333:function:vault-unseal' } }],
    ['no intake keys if it does not seal', { functions: { audit: 'vault-audit' }, intakeKeys: undefined }],
    ['a client of the SDK', { lambda: new LambdaClient({ region: 'eu-central-1' }) }],
    ['a cache without members', { propertiesCache: {} }],
    ['limits of a cache', { propertiesCache: { maxEntries: 1, maxBytes: 1_048_576, ttlMs: 0, store: new Map() } }],
    ['the largest limits of a cache', { propertiesCache: { maxEntries: 1_000_000, ttlMs: 86_400_000 } }],
    ['a curve and limits', { recipientCurve: 'X25519', attempts: 1, backoffMs: 0, attemptTimeoutMs: 1 }],
  ])('%s', (_what, changes) => {
    expect(make(changes)).not.toThrow();
  });
});

describe('ShareVaultClient refuses', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const keyed = (key: unknown) => ({ intakeKeys: [{ kid: 'a', publicKey: key }] });

  test.each<[string, object, RegExp]>([
    ['an environment that is missing', { environment: undefined }, /environment: expected the name/],
    ['an environment in capitals', { environment: 'PROD' }, /environment: expected/],
    ['an actor that is $LATEST', { actor: '$LATEST' }, /actor: expected the name of an actor/],
    ['an actor that is a version', { actor: '7' }, /actor: expected/],
    ['no functions', { functions: {} }, /functions: expected at least one of seal, unseal, revoke, properties, audit/],
    ['a cache that is a text', { propertiesCache: 'redis' }, /propertiesCache: expected an object/],
    ['a cache that is null', { propertiesCache: null }, /propertiesCache: expected an object/],
    [
      'a cache without an entry',
      { propertiesCache: { maxEntries: 0 } },
      /maxEntries: expected a whole number from 1 to/,
    ],
    ['a cache that is too long', { propertiesCache: { maxEntries: 1_000_001 } }, /maxEntries: expected .* to 1000000/],
    ['a cache too small for a text', { propertiesCache: { maxBytes: 1_048_575 } }, /maxBytes: expected .* 1048576 to/],
    [
      'a time that is no number',
      { propertiesCache: { ttlMs: '60' } },
      /propertiesCache.ttlMs: expected a whole number/,
    ],
    [
      'a time over a day',
      { propertiesCache: { ttlMs: 86_400_001 } },
      /ttlMs: expected a whole number from 0 to 86400000/,
    ],
    [
      'a store that only reads',
      { propertiesCache: { store: { get: () => '' } } },
      /store: expected an object with get/,
    ],
    [
      'a store that is a function',
      { propertiesCache: { store: () => '' } },
      /store: expected an object with get and set/,
    ],
    ['functions that are null', { functions: null }, /functions: expected at least one/],
    ['functions that are undefined', { functions: { seal: undefined } }, /functions: expected at least one/],
    [
      'a function of another vault',
      { functions: { receive: 'a' } },
      /functions: expected seal, unseal, revoke, properties, audit, freeze, thaw alone/,
    ],
    [
      'a qualified name',
      { functions: { unseal: 'vault-unseal:signer' } },
      /functions\.unseal: expected .*without a qual/,
    ],
    [
      'a qualified ARN',
      { functions: { unseal: 'arn:aws:lambda:eu-central-1:111122223333:function:vault-unseal:1' } },
      /functions\.unseal/,
    ],
    [
      'sealing without intake keys',
      { intakeKeys: undefined },
      /intakeKeys: expected at least one, since functions\.seal/,
    ],
    ['intake keys that are no list', { intakeKeys: { kid: 'a' } }, /intakeKeys: expected at least one/],
    ['an intake key that is null', { intakeKeys: [null] }, /intakeKeys\[0\]\.kid: .*intakeKeys\[0\]\.publicKey: /],
    [
      'an intake key without a name',
      { intakeKeys: [{ kid: '', publicKey }] },
      /intakeKeys\[0\]\.kid: expected a key id/,
    ],
    ['a private key', keyed(privateKey), /publicKey: .*got a private key/],
    ['a private PEM', keyed(privatePem), /got a private key/],
    ['a private JWK', keyed(privateKey.export({ format: 'jwk' })), /got a private key/],
    ['a weak key', keyed(weak), /got one of 1024 bits/],
    ['a key of another kind', keyed(elliptic), /publicKey: expected an RSA public key .*got something else/],
    ['a PEM that is none', keyed('-----BEGIN PUBLIC KEY-----'), /got something else/],
    ['a JWK that is none', keyed({ kty: 'RSA' }), /got something else/],
    ['a key that is a number', keyed(7), /got something else/],
    ['a client that can not send', { lambda: {} }, /lambda: expected a LambdaClient/],
    ['another curve', { recipientCurve: 'P-521' }, /recipientCurve: expected P-256 or X25519/],
    ['no attempts', { attempts: 0 }, /attempts: expected a whole number from 1 to 10/],
    ['half an attempt', { attempts: 1.5 }, /attempts: expected/],
    ['a long back-off', { backoffMs: 5_001 }, /backoffMs: expected a whole number from 0 to 5000/],
    ['an attempt without time', { attemptTimeoutMs: 0 }, /attemptTimeoutMs: expected/],
  ])('%s', (_what, changes, message) => {
    expect(make(changes)).toThrow(TypeError);
    expect(make(changes)).toThrow(message);
  });

  test('all wrong options in one error', () => {
    const wrong = make({ environment: '', actor: '', functions: { seal: 'a b' }, intakeKeys: [], attempts: -1 });

    expect(wrong).toThrow(/environment: .*; actor: .*; functions\.seal: .*; intakeKeys: .*; attempts: /);
  });

  test('a call without options', () => {
    expect(() => new ShareVaultClient(undefined as unknown as ShareVaultClientOptions)).toThrow(/environment: .*actor/);
  });

  test('values without quoting them', () => {
    expect(make({ environment: 'a secret', intakeKeys: [{ kid: 'a secret', publicKey: privatePem }] })).not.toThrow(
      /a secret|BEGIN/,
    );
  });
});
