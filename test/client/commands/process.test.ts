import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { commandFile } from '../../support/commands';
import { Account } from './support/account';

const COMMAND = commandFile('share-vault');
const ACCOUNT = new Account();
let arn: string;

beforeAll(async () => {
  await ACCOUNT.start();
  arn = await ACCOUNT.createSigningSecret();
  await ACCOUNT.createKey('webhook/webhook-1');
});
afterAll(() => ACCOUNT.stop());

/** Runs the command line in its own process; returns the exit code and the output. */
async function share(args: readonly string[], input = '', env = {}) {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { ...process.env, ...env } });
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

describe('the process share-vault', () => {
  test.each([
    [0, ['--help']],
    [0, []],
    [2, ['public-key']],
  ])('ends with %d for %j', async (code, args) => {
    expect((await share(args)).code).toBe(code);
  });

  test('does not end with 0 if it waits for an input that is gone', async () => {
    const gone = join(mkdtempSync(join(tmpdir(), 'input-')), 'gone.cjs');
    writeFileSync(gone, "const value = Object.assign(new (require('stream').PassThrough)(), { isTTY: true });\nObject.defineProperty(process, 'stdin', { value });\n"); // prettier-ignore
    const args = ['revoke', '--environment', 'prod', '--actor', 'a', '--wallet', 'w', '--chain', 'EVM', '--reason', 'r']; // prettier-ignore

    const { code, stderr } = await share(args, '', { NODE_OPTIONS: `--require ${gone}` });

    expect(stderr).toMatch(/Type the wallet's id to confirm: $/);
    expect(code).toBe(1);
  });

  test('prints what to do if the endpoint can not be reached', async () => {
    const nowhere = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };

    const { code, stderr } = await share(['public-key', '--environment', 'prod'], '', nowhere);

    expect(code).toBe(7);
    expect(stderr).toMatch(/got ECONNREFUSED: is the network there, and is AWS_ENDPOINT_URL right, if it is set\n$/);
  });

  test('ends with one line and keeps its exit code if the reader of its output is gone', async () => {
    const child = spawn(process.execPath, [COMMAND, 'doctor', '--environment', 'prod', '--json'], { env: process.env });
    child.stdout.destroy();

    const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);

    expect([child.exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^share-vault doctor: expected all of the output .*, got EPIPE: .*\n$/),
    ]);
  });

  test.each([
    ['the help', ['--help']],
    ['a public key', ['public-key', '--environment', 'prod']],
  ])('ends with 8 and one line if %s does not fit on a full disk', async (_what, args) => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [COMMAND, ...args], { env: process.env, stdio: ['ignore', full, 'pipe'] });

    const [stderr] = await Promise.all([text(child.stderr ?? Readable.from([])), once(child, 'close')]);
    closeSync(full);

    expect(child.exitCode).toBe(8);
    expect(stderr).toMatch(/share-vault[a-z -]*: expected all of the output to be written, got ENOSPC: .*\n$/);
  });

  test.each([
    [
      'no credentials',
      { AWS_ACCESS_KEY_ID: '', AWS_PROFILE: '' },
      [],
      'CredentialsProviderError: set AWS_PROFILE, or sign in',
    ],
    ['a mistyped profile', {}, ['--profile', 'prdo'], 'CredentialsProviderError: is there such a profile'],
  ])('ends with 6 and one line for %s', async (_what, env, args, message) => {
    const nothing = {
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    };

    const { code, stdout, stderr } = await share(['public-key', '--environment', 'prod', ...args], '', {
      ...nothing,
      ...env,
    });

    expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
    expect(stderr).toMatch(/^share-vault public-key: [^\n]*\n$/);
    expect(stderr).toContain(message);
  });

  test('ends with 3 and one line for another environment, account or region', async () => {
    const { code, stderr } = await share(['public-key', '--environment', 'dev']);

    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^share-vault public-key: expected parameters under \/share-vault\/dev\/[^\n]* account and region\n$/,
    );
  });

  test('keeps a secret from its standard input, then prints a key on its standard output', async () => {
    const secret = `dyn_whsec_${randomBytes(16).toString('hex')}`;

    const kept = await share(['webhook-secret', '--environment', 'prod'], `${secret}\n`);
    const printed = await share(['public-key', '--environment', 'prod']);

    expect([kept.code, printed.code]).toEqual([0, 0]);
    expect(await ACCOUNT.readSecret(arn)).toBe(secret);
    expect(printed.stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
    expect(kept.stdout + kept.stderr).not.toContain(secret);
  });
});
