import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type KeyObject, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { cutRecord } from '../../../lambda/store/bodies/cut';
import { material } from '../../support/run';
import { Account, type Ran, run } from './support/account';
import { type Row, rowOf, sealRow } from './support/recovery-row';

const PASSPHRASE = 'a long passphrase';
let safe: KeyObject;
let vaulted: KeyObject;
let other: KeyObject;
let folder: string;
let row: Row;
const share = material(3_000);
const apiKey = material(40);
const shares = material(65_536);

const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const publicOf = (key: KeyObject) => createPublicKey(key);
const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' = 'pkcs8') => key.export({ format: 'pem', type });

beforeAll(async () => {
  [safe, vaulted, other] = [newKey(), newKey(), newKey()];
  row = await delegated();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recover-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const keys = () => ({ 'safe-2026': publicOf(safe), 'vault.2026': publicOf(vaulted) });
const delegated = async () =>
  rowOf(await sealRow('delegated-share', { delegatedShare: share, walletApiKey: apiKey }, keys()));

function file(name: string, contents: string | Uint8Array): string {
  writeFileSync(join(folder, name), contents);
  return join(folder, name);
}
const recordOf = (value: object) => ['--record', file('row.json', `${JSON.stringify(value)}\n`)];
const OUTPUTS = () => ['--delegated-share', join(folder, 'share'), '--wallet-api-key', join(folder, 'api-key')];
const recover = (...args: readonly string[]) => run(['recover', '--environment', 'prod', ...args]);
const byKey = (key: KeyObject, record: object = row) =>
  recover(...recordOf(record), '--private-key', file('key.pem', pem(key)), ...OUTPUTS());

/** Expects a refusal that leaves no file behind and prints one line. */
function expectRefusal({ code, stdout, stderr }: Ran, exit: number, message: string | RegExp): void {
  expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  expect(stderr).toMatch(/^share-vault recover: [^\n]+\n$/);
  expect(stderr).toMatch(message);
  expect(readdirSync(folder).filter((name) => /^(share|api-key|\..*)$/.test(name))).toEqual([]);
}

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
    expect(readFileSync(join(folder, 'share'))).toEqual(share);
    expect(readFileSync(join(folder, 'api-key'))).toEqual(apiKey);
    expect(statSync(join(folder, 'share')).mode & 0o777).toBe(0o600);
  });

  test('opens the longest server key shares', async () => {
    const record = rowOf(await sealRow('server-key-shares', { serverKeyShares: shares }, keys()));
    const out = join(folder, 'shares');

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

    const { code } = await recover(...recordOf(row), ...args, ...OUTPUTS());

    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'share'))).toEqual(share);
  }); // prettier-ignore

  test('opens a record whose body is in a body store with the entry of the store', async () => {
    const sealed = await sealRow('delegated-share', { delegatedShare: share, walletApiKey: apiKey }, keys());
    const { encrypted_delegated_share: delegatedShare, encrypted_wallet_api_key: walletApiKey } = sealed.columns;
    const { body, columns } = cutRecord('delegated-share', { delegatedShare, walletApiKey });
    const cut = columns('version-7');
    const record = { ...rowOf(sealed), encrypted_delegated_share: hex(cut.delegatedShare), encrypted_wallet_api_key: hex(cut.walletApiKey) }; // prettier-ignore
    const args = [...recordOf(record), '--private-key', file('key.pem', pem(safe)), ...OUTPUTS()];

    expectRefusal(await recover(...args), 2, /expected --body .*, got none: read version version-7 of its entry/);
    expectRefusal(await recover(...args, '--body', file('body', body.subarray(1))), 1, /\(MessageCorrupt\)/);
    expect((await recover(...args, '--body', file('body', body))).code).toBe(0);
    expect(readFileSync(join(folder, 'api-key'))).toEqual(apiKey);
  });

  test('refuses a body for a record that is whole', async () => {
    const ran = await recover(...recordOf(row), '--private-key', file('key.pem', pem(safe)), ...OUTPUTS(), '--body', file('body', 'b')); // prettier-ignore

    expectRefusal(ran, 2, '--body: expected a record whose body is in a body store');
  });
});

const hex = (bytes?: Uint8Array) => Buffer.from(bytes ?? []).toString('hex');

describe('the private key of share-vault recover', () => {
  const withKey = (contents: string | Buffer, ...more: readonly string[]) =>
    recover(...recordOf(row), '--private-key', file('key.pem', contents), ...more, ...OUTPUTS());
  const encrypted = () => safe.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSPHRASE });

  test('is refused if the record is not wrapped to it, and the keys of the record are named', async () => {
    expectRefusal(await byKey(other), 1, /wrapped to this key, SHA256:[\w-]{43}, got one wrapped to safe-2026 SHA256:[\w-]{43}, vault\.2026 SHA256/); // prettier-ignore
  });

  test('is refused for a record without recovery keys', async () => {
    const none = rowOf(await sealRow('delegated-share', { delegatedShare: share, walletApiKey: apiKey }, {}));

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
    expectRefusal(await withKey(publicOf(safe).export({ format: 'pem', type: 'spki' })), 2, 'expected a private RSA key in PEM, got a public key'); // prettier-ignore
  });

  test.each([
    ['an EC key', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }), 2, 'got another type of key'],
    ['no key', () => 'not a key', 1, 'got something else'],
    ['too long', () => 'k'.repeat(16_385), 2, 'expected a file of at most 16384 bytes, got a longer one'],
  ])('is refused if it is %s', async (_what, contents, exit, message) => {
    expectRefusal(await withKey(contents()), exit, message);
  }); // prettier-ignore

  test('is refused if its file is missing or a folder', async () => {
    const args = [...recordOf(row), ...OUTPUTS()];

    expectRefusal(await recover(...args, '--private-key', join(folder, 'none')), 1, 'got ENOENT');
    expectRefusal(await recover(...args, '--private-key', folder), 1, 'got a folder, a pipe or a device');
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
    const args = [...recordOf(row), '--private-key', file('key.pem', pem(safe)), ...OUTPUTS()];

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

    const ran = await recover(...record, '--private-key', file('key.pem', pem(safe)), ...OUTPUTS());

    expectRefusal(ran, 2, '--record: expected a row as the query of docs/keys/recovery.md prints it, got something else\n'); // prettier-ignore
  });

  test('is refused with the name of a malformed column', async () => {
    expectRefusal(await byKey(safe, { ...row, id: 'secret-looking' }), 2, /got something else in id\n$/);
  });

  test('is refused for a material of the other kind', async () => {
    const args = [...recordOf(row), '--private-key', file('key.pem', pem(safe)), '--server-key-shares', join(folder, 'share')]; // prettier-ignore

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
    expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('kept');
    expect((await recover(...args, '--force')).code).toBe(0);
    expect(readFileSync(join(folder, 'there'))).toEqual(share);
  });

  test('is a file of its own for each material', async () => {
    const one = join(folder, 'share');
    const args = ['--private-key', file('key.pem', pem(safe)), '--delegated-share', one, '--wallet-api-key', one];

    expectRefusal(await recover(...recordOf(row), ...args), 2, 'expected a file of its own');
  });
});

describe('share-vault recover with a private key in KMS', () => {
  let account: Account;
  let arn: string;
  let record: Row;
  beforeAll(async () => {
    account = await new Account().start();
    arn = await account.createKey('recovery/cloud');
    const kms = new KMSClient({});
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: arn }));
    kms.destroy();
    const cloud = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
    record = rowOf(await sealRow('delegated-share', { delegatedShare: share, walletApiKey: apiKey }, { ...keys(), cloud })); // prettier-ignore
  });
  afterAll(() => account.stop());

  const printed = async (name: string) => {
    const { code, stdout, stderr } = await run(['recover', ...recordOf(record), '--print-wrapped', name, '--key', 'cloud']); // prettier-ignore
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return account.unwrap(arn, Buffer.from(stdout, 'base64'));
  };
  const withDataKeys = (...dataKeys: readonly string[]) =>
    recover(...recordOf(record), ...dataKeys.flatMap((each) => ['--data-key', each]), ...OUTPUTS());

  test('opens a record with the data keys that KMS unwrapped', async () => {
    const [first, second] = [file('k1', await printed('delegated-share')), file('k2', await printed('wallet-api-key'))]; // prettier-ignore

    const { code, stderr } = await withDataKeys(`delegated-share=${first}`, `wallet-api-key=${second}`);

    expect(code).toBe(0);
    expect(stderr).toMatch(/^opened record [0-9a-f-]{36} of wallet wället-1 on EVM with its data keys\n$/);
    expect(readFileSync(join(folder, 'share'))).toEqual(share);
    expect(readFileSync(join(folder, 'api-key'))).toEqual(apiKey);
  });

  test.each([31, 33, 0])('refuses a data key of %d bytes', async (length) => {
    const key = file('k', randomBytes(length));

    expectRefusal(await withDataKeys(`delegated-share=${key}`, `wallet-api-key=${key}`), 2, /--data-key: expected a file of (at most )?32 bytes/); // prettier-ignore
  });

  test('refuses another data key', async () => {
    const key = file('k', randomBytes(32));

    expectRefusal(await withDataKeys(`delegated-share=${key}`, `wallet-api-key=${key}`), 1, 'delegated-share: expected the commitment of the data key, got another'); // prettier-ignore
  });

  test.each([
    [['delegated-share=k'], 'expected one for each material that is written'],
    [['delegated-share=k', 'delegated-share=k'], 'expected delegated-share once, got it twice'],
    [['delegated-share'], 'expected MATERIAL=FILE, got something else'],
    [['share=k'], 'expected delegated-share, wallet-api-key, server-key-shares, got another'],
  ])('refuses the data keys %j', async (dataKeys, message) => {
    expectRefusal(await withDataKeys(...dataKeys), 2, message);
  });

  test('asks for a name if the record has several recovery keys, and refuses an unknown one', async () => {
    const print = ['recover', ...recordOf(record), '--print-wrapped', 'delegated-share'];

    expectRefusal(
      await run(print),
      1,
      /expected a record that is wrapped to one recovery key, or --key .*, got safe-2026/,
    );
    expectRefusal(await run([...print, '--key', 'safe']), 1, 'wrapped to the recovery key of --key');
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
    [['--delegated-share', 's', '--print-wrapped', 'delegated-share'], 'expected no key and no output with it'],
    [['--print-wrapped', 'share'], 'expected delegated-share, wallet-api-key, server-key-shares, got another'],
  ])('are refused if they are %j', async (args, message) => {
    expectRefusal(await recover(...args), 2, message);
  }); // prettier-ignore
});
