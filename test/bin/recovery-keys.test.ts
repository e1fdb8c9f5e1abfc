import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fields } from '../../bin/fields';
import { readRecoveryKeys, type RecoveryKeysConfig } from '../../bin/recovery-keys';
import { readEnvironments } from '../../bin/environments';
import { publicPem } from '../support/external-keys';
import { rsaKeyPair } from '../support/rsa-keys';

let app = '';

beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'share-vault-app-'));
  mkdirSync(join(app, 'keys'));
  writeFileSync(join(app, 'keys', 'safe.pem'), publicPem(2_048));
  writeFileSync(join(app, 'private.pem'), rsaKeyPair(2_048).privateKey.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(join(app, 'short.pem'), publicPem(1_024));
});

afterAll(() => {
  rmSync(app, { recursive: true });
});

function read(qa: object): RecoveryKeysConfig & { readonly problems: readonly string[] } {
  const problems: string[] = [];
  return { ...readRecoveryKeys(new Fields('qa', qa, problems), problems, app), problems };
}

describe('the recovery keys of an environment', () => {
  test('are read from files beside cdk.json, with the statement of their list', () => {
    const recoveryKeysChange = 'a'.repeat(43);
    const config = read({ recoveryKeys: { 'safe-2026': 'keys/safe.pem' }, recoveryKeysChange });

    expect(config.problems).toEqual([]);
    expect(config).toMatchObject({ recoveryKeys: [{ name: 'safe-2026' }], recoveryKeysChange });
  });

  test('can be none, with a statement that the last one was removed', () => {
    expect(read({ recoveryKeys: {} })).toEqual({ recoveryKeys: [], recoveryKeysChange: undefined, problems: [] });
    expect(read({})).toEqual({ recoveryKeysChange: undefined, problems: [] });
  });

  test.each([
    ['a list', ['keys/safe.pem'], 'recoveryKeys: expected an object, got ["keys/safe.pem"]'],
    ['no path', { safe: 1 }, 'recoveryKeys.safe: expected the path of a file in PEM, got 1'],
    [
      'a missing file',
      { safe: 'none.pem' },
      'recoveryKeys.safe: none.pem: expected a file that can be read, got ENOENT',
    ],
    ['a directory', { safe: 'keys' }, 'recoveryKeys.safe: keys: expected a file that can be read, got EISDIR'],
    ['a private key', { safe: 'private.pem' }, 'recoveryKeys.safe: private.pem: publicKey: expected a public RSA key'],
    ['a short key', { safe: 'short.pem' }, 'recoveryKeys.safe: short.pem: publicKey: expected'],
    [
      'a name with a blank',
      { 'a b': 'keys/safe.pem' },
      'recoveryKeys.a b: keys/safe.pem: name: expected 1 to 64 letters',
    ],
  ])('are refused with %s', (_what, recoveryKeys, message) => {
    expect(read({ recoveryKeys }).problems).toEqual([expect.stringContaining(message)]);
  });

  test('are refused with a private key without quoting it', () => {
    const [problem = ''] = read({ recoveryKeys: { safe: 'private.pem' } }).problems;

    expect(problem).toContain('got a private key, which must never be given here');
    expect(problem).not.toMatch(/BEGIN PRIVATE|MII/);
  });

  test('are refused with a statement that is no digest', () => {
    const qa = { recoveryKeysChange: 'yes' };

    expect(() => readEnvironments({ qa })).toThrow('qa.recoveryKeysChange: expected a SHA-256 in base64url, got "yes"');
  });
});
