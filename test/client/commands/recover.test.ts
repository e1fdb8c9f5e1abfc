import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { type KeyObject, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { cutRecord } from '../../../lambda/store/bodies/cut';
import { material } from '../../support/run';
import { run } from './support/account';
import {
  apiKey,
  delegated,
  expectRefusal,
  file,
  inFolder,
  keys,
  other,
  outputs,
  pem,
  recordOf,
  recover,
  row,
  safe,
  share,
  useRecovery,
  vaulted,
} from './support/recovering';
import { rowOf, sealRow } from './support/recovery-row';

const PASSPHRASE = 'a long passphrase';
const shares = material(65_536);
const byKey = (key: KeyObject, record: object = row) =>
  recover(...recordOf(record), '--private-key', file('key.pem', pem(key)), ...outputs());

useRecovery();

describe('share-vault recover', () => {
  test.each([
    ['the first', () => safe],
    ['the second', () => vaulted],
  ])('opens a record with only %s of its recovery keys into new private files', async (_which, key) => {
    const { code, stdout, stderr } = await byKey(key());

    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(
      /^opened record [0-9a-f-]{36} of wallet wället-1 on EVM with the recovery key SHA256:[\w-]{43}\n$/,
    );
    expect(readFileSync(inFolder('share'))).toEqual(share);
    expect(readFileSync(inFolder('api-key'))).toEqual(apiKey);
    expect(statSync(inFolder('share')).mode & 0o777).toBe(0o600);
  });

  test('opens the longest server key shares', async () => {
    const record = rowOf(await sealRow('server-key-shares', { serverKeyShares: shares }, keys()));
    const out = inFolder('shares');

    const ran = await recover(...recordOf(record), '--private-key', file('key.pem', pem(safe)), '--server-key-shares', out); // prettier-ignore

    expect(ran.code).toBe(0);
    expect(readFileSync(out)).toEqual(shares);
  });

  test.each([
    ['PKCS #1', () => pem(safe, 'pkcs1'), undefined],
    ['encrypted PKCS #8', () => safe.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSPHRASE }), PASSPHRASE],
    ['encrypted PKCS #1', () => safe.export({ format: 'pem', type: 'pkcs1', cipher: 'aes-256-cbc', passphrase: PASSPHRASE }), PASSPHRASE],
  ])('reads a private key of %s', async (_format, encoded, passphrase) => {
    const args = ['--private-key', file('key.pem', encoded())];
    if (passphrase !== undefined) args.push('--passphrase-file', file('passphrase', `${passphrase}\nsecond line\n`));

    const { code } = await recover(...recordOf(row), ...args, ...outputs());

    expect(code).toBe(0);
    expect(readFileSync(inFolder('share'))).toEqual(share);
  }); // prettier-ignore

  test('opens a record whose body is in a body store with the entry of the store', async () => {
    const sealed = await sealRow('delegated-share', { delegatedShare: share, walletApiKey: apiKey }, keys());
    const { encrypted_delegated_share: delegatedShare, encrypted_wallet_api_key: walletApiKey } = sealed.columns;
    const { body, columns } = cutRecord('delegated-share', { delegatedShare, walletApiKey });
    const cut = columns('version-7');
    const record = { ...rowOf(sealed), encrypted_delegated_share: hex(cut.delegatedShare), encrypted_wallet_api_key: hex(cut.walletApiKey) }; // prettier-ignore
    const args = [...recordOf(record), '--private-key', file('key.pem', pem(safe)), ...outputs()];

    expectRefusal(await recover(...args), 2, /expected --body .*, got none: read version version-7 of its entry/);
    expectRefusal(await recover(...args, '--body', file('body', body.subarray(1))), 1, /\(MessageCorrupt\)/);
    expect((await recover(...args, '--body', file('body', body))).code).toBe(0);
    expect(readFileSync(inFolder('api-key'))).toEqual(apiKey);
  });

  test('refuses a body for a record that is whole', async () => {
    const ran = await recover(...recordOf(row), '--private-key', file('key.pem', pem(safe)), ...outputs(), '--body', file('body', 'b')); // prettier-ignore

    expectRefusal(ran, 2, '--body: expected a record whose body is in a body store');
  });
});

const hex = (bytes?: Uint8Array) => Buffer.from(bytes ?? []).toString('hex');

describe('the private key of share-vault recover', () => {
  const withKey = (contents: string | Buffer, ...more: readonly string[]) =>
    recover(...recordOf(row), '--private-key', file('key.pem', contents), ...more, ...outputs());
  const encrypted = () => safe.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSPHRASE });

  test('is refused if the record is not wrapped to it, and the keys of the record are named', async () => {
    expectRefusal(await byKey(other), 1, /wrapped to this key, SHA256:[\w-]{43}, got one wrapped to safe-2026 SHA256:[\w-]{43}, vault\.2026 SHA256/); // prettier-ignore
  });

  test('is refused for a record without recovery keys', async () => {
    const none = await delegated({});

    expectRefusal(await byKey(safe, none), 1, 'got one wrapped to no recovery key');
  });

  test('is refused with another passphrase', async () => {
    expectRefusal(await withKey(encrypted(), '--passphrase-file', file('p', 'another')), 1, 'got another passphrase or a damaged file'); // prettier-ignore
  });

  test('is refused if it is encrypted and no passphrase is given', async () => {
    expectRefusal(await withKey(encrypted()), 2, 'expected --passphrase-file with this key, got none');
  });

  test('is refused with an empty passphrase', async () => {
    expectRefusal(await withKey(encrypted(), '--passphrase-file', file('p', '\n')), 2, 'expected a passphrase in its first line, got none'); // prettier-ignore
  });

  test('must not be the public key', async () => {
    expectRefusal(await withKey(createPublicKey(safe).export({ format: 'pem', type: 'spki' })), 2, 'expected a private RSA key in PEM, got a public key'); // prettier-ignore
  });

  test.each([
    ['an EC key', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }), 2, 'got another type of key'],
    ['no key', () => 'not a key', 1, 'got something else'],
    ['too long', () => 'k'.repeat(16_385), 2, 'expected a file of at most 16384 bytes, got a longer one'],
  ])('is refused if it is %s', async (_what, contents, exit, message) => {
    expectRefusal(await withKey(contents()), exit, message);
  }); // prettier-ignore

  test.each([2_050, 2_055])(
    'opens a record with a key of %i bits, which are no whole number of bytes',
    async (bits) => {
      const odd = generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;

      const { code } = await byKey(odd, await delegated({ odd: createPublicKey(odd) }));

      expect(code).toBe(0);
      expect(readFileSync(inFolder('share'))).toEqual(share);
    },
  );

  test('is refused if its file is a pipe that no one writes to, without waiting', async () => {
    execFileSync('mkfifo', [inFolder('pipe')]);

    const ran = await recover(...recordOf(row), ...outputs(), '--private-key', inFolder('pipe'));

    expectRefusal(ran, 1, 'got a folder, a pipe or a device');
  });

  test('is refused if its file is missing or a folder', async () => {
    const args = [...recordOf(row), ...outputs()];

    expectRefusal(await recover(...args, '--private-key', inFolder('none')), 1, 'got ENOENT');
    expectRefusal(await recover(...args, '--private-key', inFolder('.')), 1, 'got a folder, a pipe or a device');
  });
});

describe('the record of share-vault recover', () => {
  test.each([
    ['another id', { id: '3f2c6a0e-4d5b-4c1e-9a57-6f7a1b2c3d4e' }],
    ['another wallet', { wallet_id: 'wallet-2' }],
    ['another chain', { chain: 'SVM' }],
    ['another user', { user_id: null }],
    ['another public key', { public_key: 'key' }],
    ['another share set', { share_set_id: 'set-2' }],
    ['other properties', { properties_sha256: null }],
  ])('is refused if its row has %s than its messages', async (_what, change) => {
    expectRefusal(await byKey(safe, { ...row, ...change }), 1, /^share-vault recover: delegated-share: expected a message of this row .* \(ContextMismatch\)\n$/); // prettier-ignore
  });

  test('is refused if a message was swapped with another record or another column', async () => {
    const second = await delegated();
    const { encrypted_delegated_share, encrypted_wallet_api_key } = row;

    for (const swapped of [
      { ...row, encrypted_wallet_api_key: second.encrypted_wallet_api_key },
      { ...row, encrypted_delegated_share: encrypted_wallet_api_key, encrypted_wallet_api_key: encrypted_delegated_share },
    ]) expectRefusal(await byKey(safe, swapped), 1, 'ContextMismatch'); // prettier-ignore
  });

  test('is refused in another environment', async () => {
    const args = [...recordOf(row), '--private-key', file('key.pem', pem(safe)), ...outputs()];

    expectRefusal(await run(['recover', '--environment', 'staging', ...args]), 1, 'ContextMismatch');
  });

  test.each([
    ['truncated', (hexes: string) => hexes.slice(0, -2)],
    ['with a changed last byte', (hexes: string) => `${hexes.slice(0, -2)}${hexes.endsWith('00') ? '01' : '00'}`],
    ['with another byte at its end', (hexes: string) => `${hexes}00`],
  ])('is refused if a message is %s, and no file is left of the other', async (_what, change) => {
    const changed = { ...row, encrypted_wallet_api_key: change(row.encrypted_wallet_api_key ?? '') };

    expectRefusal(await byKey(safe, changed), 1, /wallet-api-key: expected .* \(MessageCorrupt\)/);
  });

  test.each([
    ['no JSON', '{"id":'],
    ['no row', '"row"'],
    ['an unknown member', () => ({ ...row, extra: 1 })],
    ['a missing column', () => ({ ...row, encrypted_wallet_api_key: undefined })],
    ['both kinds', () => ({ ...row, encrypted_server_key_shares: '00' })],
    ['hexadecimal digits with a prefix', () => ({ ...row, encrypted_wallet_api_key: '\\x00' })],
    ['a column that is too long', () => ({ ...row, encrypted_wallet_api_key: '00'.repeat(73_729) })],
  ])('is refused if it is %s', async (_what, value) => {
    const record = typeof value === 'string' ? ['--record', file('row.json', value)] : recordOf(value());

    const ran = await recover(...record, '--private-key', file('key.pem', pem(safe)), ...outputs());

    expectRefusal(ran, 2, '--record: expected a row as the query of docs/keys/recovery.md prints it, got something else\n'); // prettier-ignore
  });

  test('is refused with the name of a malformed column', async () => {
    expectRefusal(await byKey(safe, { ...row, id: 'secret-looking' }), 2, /got something else in id\n$/);
  });

  test('is refused for a material of the other kind', async () => {
    const args = [...recordOf(row), '--private-key', file('key.pem', pem(safe)), '--server-key-shares', inFolder('share')]; // prettier-ignore

    expectRefusal(
      await recover(...args),
      2,
      'expected delegated-share or wallet-api-key as the material of this record',
    );
  });
});

describe('the output of share-vault recover', () => {
  test('is never an existing file without --force', async () => {
    const args = [...recordOf(row), '--private-key', file('key.pem', pem(safe)), '--delegated-share', file('there', 'kept')]; // prettier-ignore

    expectRefusal(await recover(...args), 8, 'got one that exists: remove it, or use --force');
    expect(readFileSync(inFolder('there'), 'utf8')).toBe('kept');
    expect((await recover(...args, '--force')).code).toBe(0);
    expect(readFileSync(inFolder('there'))).toEqual(share);
  });

  test('is a file of its own for each material', async () => {
    const one = inFolder('share');
    const args = ['--private-key', file('key.pem', pem(safe)), '--delegated-share', one, '--wallet-api-key', one];

    expectRefusal(await recover(...recordOf(row), ...args), 2, 'expected a file of its own');
  });
});

describe('the options of share-vault recover', () => {
  test.each([
    [[], 'expected --delegated-share and --wallet-api-key, or --server-key-shares, got none'],
    [['--delegated-share', 's'], 'expected --private-key or --data-key, got none'],
    [['--delegated-share', 's', '--private-key', 'k', '--data-key', 'delegated-share=k'], 'got both'],
    [['--delegated-share', 's', '--data-key', 'delegated-share=k', '--passphrase-file', 'p'], '--passphrase-file: expected --private-key with it'],
    [['--delegated-share', 's', '--data-key', 'delegated-share=k'], 'expected --record, got none'],
    [['--delegated-share', 's', '--key', 'safe'], '--key: expected --print-wrapped with it'],
    [['--delegated-share', 's', '--print-wrapped', 'delegated-share'], 'expected no key, no tombstones and no output with it'],
    [['--print-wrapped', 'delegated-share', '--tombstones', 't'], 'expected no key, no tombstones'],
    [['--print-wrapped', 'share'], 'expected delegated-share, wallet-api-key, server-key-shares, got another'],
  ])('are refused if they are %j', async (args, message) => {
    expectRefusal(await recover(...args), 2, message);
  }); // prettier-ignore
});
