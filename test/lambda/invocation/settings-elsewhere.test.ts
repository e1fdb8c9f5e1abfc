import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readKeySettings } from '../../../lambda/invocation/settings-elsewhere';
import { rsaKeyPair } from '../../support/rsa-keys';
import { AZURE, GOOGLE, VAULT_BY_JWT } from '../keys/elsewhere/support/descriptions';

const ARN = 'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000';
const spkiOf = (bits: number) => rsaKeyPair(bits).publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const [ONE, TWO] = [spkiOf(2048), spkiOf(3072)];
/** Eight keys cost a second to make: of Google's, only the names differ. */
const googleKeys = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ ...GOOGLE, key: `${GOOGLE.key}-${i}` }));

const env = (values: Record<string, unknown>): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
const read = (values: Record<string, unknown>) => readKeySettings(env(values));

describe('the settings of keys', () => {
  test('name the key in AWS KMS only, if nothing else is set', () => {
    expect(read({ SHARE_VAULT_SHARE_KEY_ARN: ARN })).toEqual({
      shareKeyArn: ARN,
      otherKeys: [],
      openWithOtherKeys: false,
      openingKeyArns: [],
      openingKeys: [],
      recoveryKeys: [],
    });
  });

  test('name other keys and recovery keys, in their order', () => {
    const settings = read({
      SHARE_VAULT_SHARE_KEY_ARN: ARN,
      SHARE_VAULT_OTHER_KEYS: [GOOGLE, VAULT_BY_JWT],
      SHARE_VAULT_OPEN_WITH_OTHER_KEYS: 'true',
      SHARE_VAULT_RECOVERY_KEYS: { one: ONE, two: TWO },
    });

    expect(settings).toMatchObject({ otherKeys: [GOOGLE, VAULT_BY_JWT], openWithOtherKeys: true });
    expect(settings.recoveryKeys.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  test('need no key in AWS KMS beside another one', () => {
    expect(read({ SHARE_VAULT_OTHER_KEYS: [AZURE] })).toMatchObject({ shareKeyArn: undefined, otherKeys: [AZURE] });
  });

  test('name at most eight keys in all', () => {
    const seven = { SHARE_VAULT_OTHER_KEYS: googleKeys(6), SHARE_VAULT_RECOVERY_KEYS: { one: ONE } };

    expect(() => read({ ...seven, SHARE_VAULT_SHARE_KEY_ARN: ARN })).not.toThrow();
    const nine = { ...seven, SHARE_VAULT_RECOVERY_KEYS: { one: ONE, two: TWO }, SHARE_VAULT_SHARE_KEY_ARN: ARN };
    expect(() => read(nine)).toThrowWithCode('Misconfigured');
    expect(() => read(nine)).toThrow('expected at most 8 keys in all, got 9');
  });

  const KEY = { SHARE_VAULT_SHARE_KEY_ARN: ARN };
  test.each<[string, Record<string, unknown>, string]>([
    ['no key that can open', { SHARE_VAULT_RECOVERY_KEYS: { one: ONE } }, 'expected a key, got none'],
    ['an alias', { SHARE_VAULT_SHARE_KEY_ARN: ARN.replace('key/', 'alias/') }, 'SHARE_VAULT_SHARE_KEY_ARN: expected'],
    ['an empty ARN', { SHARE_VAULT_SHARE_KEY_ARN: '' }, 'SHARE_VAULT_SHARE_KEY_ARN: expected'],
    ['no JSON', { SHARE_VAULT_OTHER_KEYS: '[' }, 'SHARE_VAULT_OTHER_KEYS: expected JSON'],
    ['no list', { SHARE_VAULT_OTHER_KEYS: GOOGLE }, 'SHARE_VAULT_OTHER_KEYS: expected a list of keys'],
    ['an empty list', { SHARE_VAULT_OTHER_KEYS: [] }, 'SHARE_VAULT_OTHER_KEYS: expected a list of keys'],
    ['null', { SHARE_VAULT_OTHER_KEYS: [null] }, 'SHARE_VAULT_OTHER_KEYS: key 1: '],
    ['a malformed second key', { SHARE_VAULT_OTHER_KEYS: [AZURE, { ...GOOGLE, key: 'k' }] }, 'key 2: key: expected the name'], // prettier-ignore
    ['one key twice', { SHARE_VAULT_OTHER_KEYS: [GOOGLE, { ...GOOGLE, method: 'signature' }] }, 'got one twice'],
    ['two versions of a key', { SHARE_VAULT_OTHER_KEYS: [AZURE, { ...AZURE, key: AZURE.key.replace('0', 'f') }] }, 'got one twice'], // prettier-ignore
    ['a name that records can’t hold', { SHARE_VAULT_OTHER_KEYS: [{ ...VAULT_BY_JWT, mount: 'm'.repeat(60), namespace: Array(4).fill('n'.repeat(60)).join('/') }] }, 'got a longer one'], // prettier-ignore
    ['another word', { ...KEY, SHARE_VAULT_OPEN_WITH_OTHER_KEYS: 'yes' }, 'expected true or false'],
    ['recovery keys in a list', { ...KEY, SHARE_VAULT_RECOVERY_KEYS: [ONE] }, 'expected an object of recovery keys'],
    ['no recovery key', { ...KEY, SHARE_VAULT_RECOVERY_KEYS: {} }, 'expected an object of recovery keys'],
    ['a recovery key in PEM', { ...KEY, SHARE_VAULT_RECOVERY_KEYS: { one: '-----BEGIN PUBLIC KEY-----' } }, 'key 1: expected base64'], // prettier-ignore
    ['a number as a recovery key', { ...KEY, SHARE_VAULT_RECOVERY_KEYS: { one: 1 } }, 'key 1: expected base64'],
    ['a malformed name', { ...KEY, SHARE_VAULT_RECOVERY_KEYS: { 'a b': ONE } }, 'key 1: expected 1 to 64 letters'],
    ['one recovery key twice', { ...KEY, SHARE_VAULT_RECOVERY_KEYS: { one: ONE, two: ONE } }, 'expected each recovery key once'], // prettier-ignore
    ['a private key', { ...KEY, SHARE_VAULT_RECOVERY_KEYS: { one: privateKey() } }, 'key 1: expected a public RSA key'],
    ['a key of an elliptic curve', { ...KEY, SHARE_VAULT_RECOVERY_KEYS: { one: curveKey() } }, 'got one of type ec'],
  ])('are refused with %s', (_what, values, problem) => {
    expect(() => read(values)).toThrowWithCode('Misconfigured');
    expect(() => read(values)).toThrow(problem);
  });

  test('name every problem at once, and quote no value', () => {
    const reading = () =>
      read({
        SHARE_VAULT_SHARE_KEY_ARN: 'value-1',
        SHARE_VAULT_OTHER_KEYS: [{ type: 'value-2' }],
        SHARE_VAULT_OPEN_WITH_OTHER_KEYS: 'value-3',
        SHARE_VAULT_RECOVERY_KEYS: { one: 'value-4', 'value 5': ONE },
      });

    expect(reading).toThrow(/SHARE_KEY_ARN: .*OTHER_KEYS: .*OPEN_WITH_OTHER_KEYS: .*RECOVERY_KEYS: /);
    expect(reading).not.toThrow(/value-/);
  });
});

function privateKey(): string {
  return rsaKeyPair(2048).privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
}

function curveKey(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
}
