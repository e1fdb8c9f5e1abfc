import { describe, expect, test } from '@jest/globals';
import { recoveryFingerprint } from '../../../lambda/contract/recovery';
import { readRecoveryStatement } from '../../../lambda/invocation/recovery-settings';
import { rsaKeyPair } from '../../support/rsa-keys';

const spki = rsaKeyPair(2048).publicKey.export({ format: 'der', type: 'spki' });
const KEYS = JSON.stringify({ safe: spki.toString('base64') });
const DIGEST = 'a'.repeat(43);

describe('what a deploy says about recovery keys', () => {
  test('is that there are none, if no variable is set', () => {
    expect(readRecoveryStatement({})).toEqual({ keys: [], change: undefined });
  });

  test('is their list, with the statement of a change', () => {
    const statement = readRecoveryStatement({
      SHARE_VAULT_RECOVERY_KEYS: KEYS,
      SHARE_VAULT_RECOVERY_KEYS_CHANGE: DIGEST,
    });

    expect(statement).toMatchObject({
      keys: [{ name: 'safe', fingerprint: recoveryFingerprint(spki) }],
      change: DIGEST,
    });
  });

  test('can be that all are removed', () => {
    expect(readRecoveryStatement({ SHARE_VAULT_RECOVERY_KEYS_CHANGE: DIGEST })).toEqual({ keys: [], change: DIGEST });
  });

  test.each([
    ['a statement that is no digest', { SHARE_VAULT_RECOVERY_KEYS_CHANGE: 'yes' }, 'KEYS_CHANGE: expected a digest'],
    ['an empty statement', { SHARE_VAULT_RECOVERY_KEYS_CHANGE: '' }, 'KEYS_CHANGE: expected a digest'],
    ['a list that is no JSON', { SHARE_VAULT_RECOVERY_KEYS: '{' }, 'RECOVERY_KEYS: expected JSON'],
    ['a key that is no key', { SHARE_VAULT_RECOVERY_KEYS: '{"safe":"AAAA"}' }, 'key 1: expected a public RSA key'],
  ])('is refused with %s', (_what, variables, problem) => {
    expect(() => readRecoveryStatement(variables)).toThrowWithCode('Misconfigured');
    expect(() => readRecoveryStatement(variables)).toThrow(problem);
  });
});
