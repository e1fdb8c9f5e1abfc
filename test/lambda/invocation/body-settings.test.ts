import { describe, expect, test } from '@jest/globals';
import { readBodySettings } from '../../../lambda/invocation/body-settings';
import { delayDays } from '../../../lambda/store/bodies/delay';
import { DESCRIPTIONS } from '../store/bodies/elsewhere';

const read = (value: unknown) =>
  readBodySettings({ SHARE_VAULT_ENVIRONMENT: 'dev', SHARE_VAULT_BODY_STORE: JSON.stringify(value) });

describe('the settings of a body store', () => {
  test.each(Object.values(DESCRIPTIONS))('are read from a description of $type', (description) => {
    expect(read(description)).toEqual({ environment: 'dev', description });
  });

  test('are absent without the variable: the bodies are in the database', () => {
    expect(readBodySettings({})).toBeUndefined();
  });

  test.each([
    ['no JSON object', 'text'],
    ['another type', { type: 'files' }],
    ['no limit', { ...DESCRIPTIONS['vault-kv'], maxRecords: undefined }],
    ['more secrets than AWS is asked for', { ...DESCRIPTIONS['secrets-manager'], maxRecords: 100_001 }],
    ['more secrets than Google is asked for', { ...DESCRIPTIONS['google-secret-manager'], maxRecords: 1_000_001 }],
    ['a recovery window that AWS does not have', { ...DESCRIPTIONS['secrets-manager'], recoveryDays: 3 }],
    ['another host', { ...DESCRIPTIONS['azure-key-vault'], vault: 'https://example.com' }],
    ['an unknown member', { ...DESCRIPTIONS['vault-kv'], token: 'secret' }],
  ])('are refused with %s, without a value in the message', (_what, value) => {
    expect(() => read(value)).toThrowWithCode('Misconfigured');
    expect(() => read(value)).not.toThrow(/secret$|example/);
  });

  test('say how long a destroyed body can be restored', () => {
    const days = Object.values(DESCRIPTIONS).map(delayDays);
    expect(days).toEqual([7, 0, 90, 0]);
    expect(delayDays({ ...DESCRIPTIONS['azure-key-vault'], purge: true })).toBe(0);
  });
});
