import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../../client/commands/exit-codes';
import { ATTEMPTS_OF_A_CALL, useDataVault, AS_SIGNER } from './support/data-vault';
import { Fault } from '../support/fault';
import { vault } from '../support/use-fake-vault';
import { run } from './support/account';
import { command } from './support/process';

useDataVault();

const RECORDS = ['records', '--wallet', 'w', '--chain', 'EVM', ...AS_SIGNER];
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
    ['to call the vault', RECORDS, 'expected a region to invoke function share-vault-dev-audit as actor signer'],
    [
      'to read parameters',
      ['public-key', ...AS_SIGNER.slice(0, 2)],
      'got no region: say --region REGION, or set AWS_REGION',
    ],
    ['for a region that is none', ['public-key', ...AS_SIGNER.slice(0, 2), '--region', 'eu_central'], 'got no region'],
  ])('are 6 without a region %s', async (_what, args, message) => {
    const none = { AWS_REGION: undefined, AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };

    const { code, stderr } = await command(args, '', none);

    expect(code).toBe(EXIT.refused);
    expect(stderr).toContain(message);
  });

  test('tell a vault that can not be reached apart', async () => {
    const { code, stderr } = await command(RECORDS, '', { AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:9' });

    expect(code).toBe(EXIT.retryable);
    expect(stderr).toContain('got ECONNREFUSED: the call may have been done');
  });
});
