import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '../../../lambda/contract/limits';
import { material } from '../../support/run';
import { vault } from '../support/use-fake-vault';
import { run, runAtTerminal } from './support/account';
import { AS_SIGNER, KEY_ARN, file, files, folder, useDataVault } from './support/data-vault';

useDataVault();

const walletOf = (walletId: string) => ['--wallet', walletId, '--chain', 'EVM', ...AS_SIGNER];

async function sealed() {
  const walletId = randomUUID();
  const [share, key] = [material(457), material(51)];
  const materials = ['--delegated-share', file('share', share), '--wallet-api-key', file('key', key)];
  const { code, stdout } = await run(['seal', ...walletOf(walletId), ...materials, '--user', 'user-1', '--json']);
  return { walletId, share, key, code, response: JSON.parse(stdout) as Record<string, unknown> };
}

describe('share-vault seal', () => {
  test('seals a delegated share from files, and prints the facts of the record', async () => {
    const { code, response } = await sealed();

    expect(code).toBe(0);
    expect(response).toEqual({
      recordId: expect.any(String),
      keyId: expect.any(String),
      createdAt: expect.any(String),
    });
    expect(vault.calls.at(-1)).toMatchObject({ functionName: 'share-vault-dev-seal', qualifier: 'signer' });
  });

  test('seals server key shares from standard input, byte for byte, with their properties', async () => {
    const walletId = randomUUID();
    const shares = material(3_000);
    const properties = file('properties.json', '{"a":"\u{1f600}"}\n');
    const sealing = ['seal', ...walletOf(walletId), '--server-key-shares', '-', '--properties', properties];

    const { code, stdout } = await run(sealing, shares.toString('latin1'));
    const read = await run(['properties', ...walletOf(walletId), '--json']);
    const out = join(folder, 'opened');
    await run(['unseal', ...walletOf(walletId), '--reason', 'restore', '--server-key-shares', out]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^recordId {3}[0-9a-f-]{36}\nkeyId {6}arn:aws:kms:\S+\ncreatedAt {2}\S+\n$/);
    expect(JSON.parse(read.stdout)).toMatchObject({ version: 1, walletProperties: '{"a":"\u{1f600}"}\n' });
    expect(readFileSync(out).equals(shares)).toBe(true);
  });

  test('ends with 5 over a live record, and replaces it if that is named', async () => {
    const { walletId, response } = await sealed();
    const again = ['seal', ...walletOf(walletId), '--user', 'user-1', '--delegated-share', join(folder, 'share'), '--wallet-api-key', join(folder, 'key')]; // prettier-ignore

    const refused = await run(again);
    const replaced = await run([...again, '--supersedes', String(response.recordId), '--json']);

    expect(refused).toMatchObject({ code: 5, stdout: '' });
    expect(refused.stderr).toMatch(
      /^share-vault seal: expected the vault to accept the call, got Conflict: a live record exists: [^\n]* \(request \S+\)\n$/,
    );
    expect(JSON.parse(replaced.stdout)).toMatchObject({ supersededRecordId: response.recordId });
  });

  test.each([
    ['no material', [], 'expected --delegated-share and --wallet-api-key, or --server-key-shares, got none'],
    ['one of two materials', ['--delegated-share', 'FILE'], 'expected --wallet-api-key, got none'],
    ['materials of two kinds', ['--delegated-share', 'FILE', '--server-key-shares', 'FILE'], ', got others'],
    ['standard input for two materials', ['--delegated-share', '-', '--wallet-api-key', '-'], 'got it for two'],
    [
      'standard input for a material and for the properties',
      ['--server-key-shares', '-', '--properties', '-'],
      'got it for two: --server-key-shares and --properties',
    ],
    ['empty properties', ['--server-key-shares', 'FILE', '--properties', 'EMPTY'], '--properties: expected 1 byte'],
    [
      'empty properties from standard input',
      ['--server-key-shares', 'FILE', '--properties', '-'],
      '--properties: expected 1 byte or more, got none',
      '',
    ],
    ['an empty material', ['--server-key-shares', 'EMPTY'], '--server-key-shares: expected 1 to 65536 bytes, got none'],
    ['a long material', ['--server-key-shares', 'LONG'], '--server-key-shares: expected 1 to 65536 bytes, got more'],
    ['a material that never ends', ['--server-key-shares', '/dev/zero'], 'expected 1 to 65536 bytes, got more'],
    [
      'a version without properties',
      ['--server-key-shares', 'FILE', '--expected-version', '1'],
      'expected --properties',
    ],
    ['properties that are no UTF-8', ['--server-key-shares', 'FILE', '--properties', 'BYTES'], 'expected UTF-8'],
    [
      'a wallet with a blank at its end',
      ['--server-key-shares', 'FILE', '--wallet', 'w '],
      '--wallet: expected 1 to 255',
    ],
    [
      'a short idempotency key',
      ['--server-key-shares', 'FILE', '--idempotency-key', 'job-7'],
      '--idempotency-key: expected 16 to 64 characters of base64url, got another value',
    ],
    ['a record that is none', ['--server-key-shares', 'FILE', '--supersedes', 'x'], '--supersedes: expected a UUID'],
  ])('ends with 2 and sends nothing for %s', async (_what, args, message, input = 'x') => {
    const made: Record<string, string> = {
      FILE: file('file', material(40)),
      EMPTY: file('empty', ''),
      LONG: file('long', Buffer.alloc(LIMITS.materialBytes + 1, 'x')),
      BYTES: file('bytes', Buffer.from([0xff])),
    };

    const sealing = ['seal', ...walletOf('w'), ...args.map((arg) => made[arg] ?? arg)];
    const { code, stdout, stderr } = await run(sealing, input);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(vault.calls).toEqual([]);
  });

  test('returns the record of an earlier seal with the same idempotency key', async () => {
    const sealing = ['seal', ...walletOf(randomUUID()), '--server-key-shares', file('shares', material(40)), '--json'];
    const withKey = [...sealing, '--idempotency-key', 'job-0000-0000-0007'];

    const [first, again, other] = [await run(withKey), await run(withKey), await run(sealing)];

    expect([first.code, again.code, other.code]).toEqual([0, 0, 5]);
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(first.stdout));
  });

  test('reads no material at a terminal', async () => {
    const { code, stderr } = await runAtTerminal(['seal', ...walletOf('w'), '--server-key-shares', '-'], 'typed\n');

    expect(code).toBe(2);
    expect(stderr).toContain('expected a pipe as standard input, got a terminal');
  });

  test('ends with 1 for a file that can not be read', async () => {
    const { code, stderr } = await run(['seal', ...walletOf('w'), '--server-key-shares', join(folder, 'none')]);

    expect(code).toBe(1);
    expect(stderr).toBe('share-vault seal: --server-key-shares: expected a file that can be read, got ENOENT\n');
  });

  test('finds the intake key that the vault publishes', async () => {
    await sealed();

    expect(vault.functions.arrived.at(-1)).toMatchObject({ kid: vault.functions.kid, userId: 'user-1' });
    expect(KEY_ARN).toContain(':key/');
  });
});

describe('share-vault unseal', () => {
  test('writes each material to a new file that only its owner can read', async () => {
    const { walletId, share, key } = await sealed();
    const [out, other] = [join(folder, 'opened-share'), join(folder, 'opened-key')];

    const { code, stdout, stderr } = await run(['unseal', ...walletOf(walletId), '--reason', 'restore 7', '--delegated-share', out, '--wallet-api-key', other]); // prettier-ignore

    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^opened record [0-9a-f-]{36}, once until now\n$/);
    expect([readFileSync(out).equals(share), readFileSync(other).equals(key)]).toEqual([true, true]);
    expect([out, other].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(files()).toEqual(['key', 'opened-key', 'opened-share', 'share']);
  });

  test('writes the named material to --out, and prints the facts of the record as JSON', async () => {
    const { walletId, key, response } = await sealed();
    const out = join(folder, 'out');

    const { code, stdout } = await run(['unseal', ...walletOf(walletId), '--reason', 'r', '--material', 'wallet-api-key', '--out', out, '--json']); // prettier-ignore

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ recordId: response.recordId, kind: 'delegated-share', accessCount: 1 });
    expect(readFileSync(out).equals(key)).toBe(true);
  });

  test('replaces a file with --force', async () => {
    const { walletId, key } = await sealed();
    const out = file('out', 'before');

    const { code } = await run(['unseal', ...walletOf(walletId), '--reason', 'r', '--wallet-api-key', out, '--force']);

    expect(code).toBe(0);
    expect(readFileSync(out).equals(key)).toBe(true);
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['no output', [], 2, 'expected --delegated-share and --wallet-api-key, or --server-key-shares, got none'],
    ['materials of two kinds', ['--delegated-share', 'NEW', '--server-key-shares', 'OTHER'], 2, ', got others'],
    ['--out without a material', ['--out', 'NEW'], 2, '--out: expected --material with it, got none'],
    ['a material that is none', ['--material', 'share', '--out', 'NEW'], 2, '--material: expected delegated-share,'],
    ['a program without a material', ['--', 'cat'], 2, 'expected --material with a program, got none'],
    ['a program without --', ['--material', 'wallet-api-key', 'cat'], 2, 'expected -- before the program, got none'],
    ['a program and a file', ['--material', 'wallet-api-key', '--out', 'NEW', '--', 'cat'], 2, 'got both'],
    ['a program and JSON', ['--material', 'wallet-api-key', '--json', '--', 'cat'], 2, '--json: expected no program'],
    ['a program that is missing', ['--material', 'wallet-api-key', '--', 'no-such-program'], 9, 'expected a program'],
    ['a file that exists', ['--wallet-api-key', 'OLD'], 8, 'got one that exists: remove it, or use --force'],
    ['a folder', ['--wallet-api-key', 'FOLDER', '--force'], 8, 'got a folder, a link or a device'],
    ['a device', ['--wallet-api-key', '/dev/stdout', '--force'], 8, 'got a folder, a link or a device'],
    ['an empty path', ['--wallet-api-key', ''], 8, 'got a path without a file name'],
    ['a path that ends like a folder', ['--wallet-api-key', 'NEW/'], 8, 'got a path without a file name'],
    [
      'two materials for one file',
      ['--delegated-share', 'NEW', '--wallet-api-key', 'SAME', '--force'],
      2,
      '--wallet-api-key: expected a file of its own, got one of another option',
    ],
    [
      'one file for a material and --out',
      ['--wallet-api-key', 'NEW', '--material', 'delegated-share', '--out', 'NEW'],
      2,
      '--out: expected a file of its own, got one of another option',
    ],
    ['a folder that is missing', ['--wallet-api-key', 'MISSING'], 8, 'expected a file that can be written, got ENOENT'],
    ['one file of two that exists', ['--delegated-share', 'NEW', '--wallet-api-key', 'OLD'], 8, 'one that exists'],
  ])('opens nothing for %s', async (_what, args, exit, message) => {
    const made: Record<string, string> = {
      NEW: join(folder, 'new'),
      'NEW/': `${join(folder, 'new')}/`,
      SAME: `${folder}/./new`,
      OTHER: join(folder, 'other'),
      OLD: file('old', 'before'),
      FOLDER: folder,
      MISSING: join(folder, 'missing', 'file'),
    };

    const { code, stdout, stderr } = await run(
      ['unseal', ...walletOf('w'), '--reason', 'r', ...args.map((arg) => made[arg] ?? arg)],
      '',
      { PATH: process.env.PATH },
    );

    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
    expect(stderr).toContain(message);
    expect(vault.calls).toEqual([]);
    expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('before');
    expect(files()).toEqual(['old']);
  });

  test.each([
    ['NotFound', 3, 'are the wallet, the chain and the user spelled as they were sealed'],
    ['Revoked', 4, 'the materials of this wallet are destroyed'],
  ])('ends for %s with %d and leaves no file', async (fault, exit, advice) => {
    const { walletId } = await sealed();
    if (fault === 'Revoked') await run(['revoke', ...walletOf(walletId), '--reason', 'r', '--yes']);
    const name = fault === 'Revoked' ? walletId : 'another';

    const { code, stderr } = await run(['unseal', ...walletOf(name), '--reason', 'r', '--wallet-api-key', join(folder, 'new')]); // prettier-ignore

    expect(code).toBe(exit);
    expect(stderr).toContain(`got ${fault}: ${advice}`);
    expect(files()).toEqual(['key', 'share']);
  });
});
