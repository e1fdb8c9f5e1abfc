import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../../client/commands/exit-codes';
import { ATTEMPTS_OF_A_CALL, useDataVault, AS_SIGNER, file } from './support/data-vault';
import { Fault } from '../support/fault';
import { vault } from '../support/use-fake-vault';
import { run } from './support/account';
import { command } from './support/process';

useDataVault();

const RECORDS = ['records', '--wallet', 'w', '--chain', 'EVM', ...AS_SIGNER];
const NOWHERE = { AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:9' };
const fault = (code: string) => ({ fault: new Fault(code, 'said by the vault') });
const reply = (status: number, errorType: string) => ({ reply: { status, errorType, body: '{"message":"said by AWS"}' } }); // prettier-ignore

describe('the exit codes', () => {
  test('are those of docs/command-line.md', () => {
    const page = readFileSync(join(__dirname, '../../../docs/command-line.md'), 'utf8');
    const documented = [...page.matchAll(/^\| (\d) +\|/gm)].map(([, code]) => Number(code));

    expect(documented).toEqual(Object.values(EXIT));
  });

  test.each([
    ['NotFound', EXIT.notFound, fault('NotFound')],
    ['Revoked', EXIT.revoked, fault('Revoked')],
    ['Frozen', EXIT.refused, fault('Frozen')],
    ['Conflict', EXIT.conflict, fault('Conflict')],
    ['VersionConflict', EXIT.conflict, fault('VersionConflict')],
    ['StaleWalletProperties', EXIT.conflict, fault('StaleWalletProperties')],
    ['ActorRequired', EXIT.refused, fault('ActorRequired')],
    ['AccessDeniedException', EXIT.refused, reply(403, 'AccessDeniedException')],
    ['ResourceNotFoundException', EXIT.refused, reply(404, 'ResourceNotFoundException')],
    ['StoreUnavailable', EXIT.retryable, fault('StoreUnavailable')],
    ['KeyThrottled', EXIT.retryable, fault('KeyThrottled')],
    ['TooManyRequestsException', EXIT.retryable, reply(429, 'TooManyRequestsException')],
    ['InternalError', EXIT.failed, fault('InternalError')],
    ['KeyUnavailable', EXIT.failed, fault('KeyUnavailable')],
    ['UnknownError', EXIT.failed, fault('of another program')],
    ['ResponseRejected', EXIT.failed, { response: () => ({}) }],
  ])('tell %s apart, with %d and one line that quotes no text of another', async (code, exit, trouble) => {
    vault.troubles.push(...Array.from({ length: ATTEMPTS_OF_A_CALL }, () => trouble));

    const ran = await run(RECORDS);

    expect(ran).toMatchObject({ code: exit, stdout: '' });
    expect(ran.stderr).toMatch(/^share-vault records: expected [^\n]*\n$/);
    expect(ran.stderr).toContain(code);
    expect(ran.stderr).not.toContain('said by');
  });

  test.each([
    [
      'to call the vault',
      RECORDS,
      'expected a region to call the vault in, got no region: say --region REGION, or set AWS_REGION\n',
    ],
    [
      'to read parameters',
      ['public-key', ...AS_SIGNER.slice(0, 2)],
      'got no region: say --region REGION, or set AWS_REGION',
    ],
  ])('are 6 without a region %s', async (_what, args, message) => {
    const none = { AWS_REGION: undefined, AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };

    const { code, stderr } = await command(args, '', none);

    expect(code).toBe(EXIT.refused);
    expect(stderr).toContain(message);
  });

  test.each([
    ['to call the vault', RECORDS],
    ['to read parameters', ['public-key', ...AS_SIGNER.slice(0, 2)]],
  ])('are 2 for a malformed region %s', async (_what, args) => {
    const { code, stderr } = await command([...args, '--region', 'EU/central']);

    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain('got a malformed region: write --region or AWS_REGION like eu-central-1\n');
  });

  test.each([
    ['read parameters', ['public-key', ...AS_SIGNER.slice(0, 2)], EXIT.usage],
    ['call the vault', RECORDS, EXIT.refused],
  ])(
    'name the variables that contradict each other if an endpoint to %s can not be a FIPS endpoint',
    async (_what, args, exit) => {
      // prettier-ignore
      const { code, stderr } = await command(args, '', {
      ...NOWHERE,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_USE_FIPS_ENDPOINT: 'true',
    });

      expect(code).toBe(exit);
      expect(stderr).toContain(': unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, or AWS_ENDPOINT_URL');
    },
  );

  test.each([
    ['no credentials', { AWS_ACCESS_KEY_ID: '', AWS_PROFILE: '' }, [], 'set AWS_PROFILE, or sign in'],
    ['a mistyped profile', {}, ['--profile', 'prdo'], 'is there such a profile (aws configure list-profiles)'],
  ])('are 6 for a call of the vault with %s', async (_what, env, args, advice) => {
    const none = {
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    };

    const { code, stderr } = await command([...RECORDS, ...args], '', { ...none, ...env });

    expect(code).toBe(EXIT.refused);
    expect(stderr).toContain(`got CredentialsProviderError: ${advice}`);
  });

  test.each([
    ['unless $AWS_REGION is set', { AWS_REGION: undefined }, [], EXIT.usage],
    ['and $AWS_REGION is set', {}, [], EXIT.retryable],
    ['and --region is given', { AWS_REGION: undefined }, ['--region', 'eu-central-1'], EXIT.retryable],
    ['and a malformed --region is given', {}, ['--region', 'EU/central'], EXIT.usage],
  ])("tell if a profile's malformed region counts: it has one, %s", async (_what, env, args, exit) => {
    // with a good region nothing responds; a malformed one is refused before
    const config = file('config', '[profile prod]\nregion = EU/central\n');
    const credentials = file('credentials', '[prod]\naws_access_key_id = a\naws_secret_access_key = b\n');

    const { code } = await command(['public-key', ...AS_SIGNER.slice(0, 2), '--profile', 'prod', ...args], '', {
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      ...env,
    });

    expect(code).toBe(exit);
  });

  test('are 6 for credentials that have expired, with the advice to sign in again', async () => {
    vault.troubles.push(reply(403, 'ExpiredTokenException'));

    const { code, stderr } = await run(RECORDS);

    expect(code).toBe(EXIT.refused);
    expect(stderr).toContain('got ExpiredTokenException, status 403: sign in again');
  });

  test.each([
    ['records', RECORDS],
    ['unseal', ['unseal', ...RECORDS.slice(1), '--reason', 'r', '--wallet-api-key', join(tmpdir(), randomUUID())]],
  ])('tell a vault that %s can not reach apart', async (_name, args) => {
    const { code, stderr } = await command(args, '', NOWHERE);

    expect(code).toBe(EXIT.retryable);
    expect(stderr).toContain('got ECONNREFUSED: is the network there');
    expect(stderr).not.toContain('may have been done');
  });

  test.each([
    ['revoke', ['revoke', ...RECORDS.slice(1), '--reason', 'r', '--yes']],
    ['properties --set', ['properties', ...RECORDS.slice(1), '--set', '-', '--expected-version', '0']],
    ['seal', ['seal', ...RECORDS.slice(1), '--server-key-shares', '-']],
  ])('tell a vault that %s can not reach apart, and say that the call may have been done', async (_name, args) => {
    const { code, stderr } = await command(args, '{}', NOWHERE);

    expect(code).toBe(EXIT.retryable);
    expect(stderr).toContain('got ECONNREFUSED: the call may have been done');
  });
});
