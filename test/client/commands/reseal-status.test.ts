import { describe, expect, jest, test } from '@jest/globals';
import { AwsError } from '../../../local/emulator/services';
import { Fault } from '../support/fault';
import { vault } from '../support/use-fake-vault';
import { run } from './support/account';
import { AS_SIGNER } from './support/data-vault';
import { NOT_ALLOWED, endAt, executed, groupOf, machine, runTo, useRotationAccount } from './support/rotation-account';

// a watch pauses for two seconds between its lines
jest.mock('../../../client/commands/watch', () => ({ WATCH_PAUSE_MS: 1 }));
useRotationAccount();

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/present';
const FORMER = 'arn:aws:kms:eu-central-1:111122223333:key/former';
const FAILURE = {
  recordId: '1f6a0b0e-0000-4000-8000-000000000000',
  kind: 'delegated-share' as const,
  ...{ walletId: 'wallet-1', chain: 'EVM', code: 'KeyUnavailable' },
};
const IN_DEV = ['--environment', 'dev'];
const reseal = (...args: string[]) => run(['reseal', ...args, ...AS_SIGNER]);

describe('share-vault reseal status', () => {
  test('shows the run, its counts, its rate and the time left', async () => {
    machine.executions.push({ name: 'run-1', status: 'RUNNING' });
    vault.functions.reseals = [runTo(KEY)];
    vault.functions.groups = [groupOf(KEY, 600), groupOf(FORMER, 300)];

    const { code, stdout } = await reseal('status');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^run +run-1\nstate +RUNNING\nstarted +\S+\nresealed +600\nfailed +0\nleft +300\nrecords a second {2}10\.0\ntime left +30 s\n$/); // prettier-ignore
  });

  test('shows only the state to a caller who names no actor', async () => {
    machine.executions.push({ name: 'run-1', status: 'SUCCEEDED' });

    const { code, stdout } = await run(['reseal', 'status', ...IN_DEV]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^run +run-1\nstate +SUCCEEDED\nstarted +\S+\nended +\S+\n$/);
    expect(vault.calls).toEqual([]);
  });

  test('ends with 1 for a failed run, and shows its error', async () => {
    machine.executions.push({ name: 'run-1', status: 'FAILED' });

    const { code, stdout } = await reseal('status');

    expect(code).toBe(1);
    expect(stdout).toMatch(/error +Incomplete\n/);
  });

  test('is about the last reseal, however many verifications ended since, and ends with 1 for a failed one', async () => {
    machine.executions.push(...[3, 2, 1].map((n) => executed(`verify-${n}-20261201000000-aabbccdd`, 'SUCCEEDED')));
    expect((await reseal('status')).code).toBe(3);
    machine.executions.push(executed('rotation', 'FAILED'));
    vault.functions.reseals = [runTo(KEY, { run: 'rotation' })];
    vault.functions.resealFailures = [{ ...FAILURE, at: new Date().toISOString() }];

    const shown = await reseal('status');
    const listed = await reseal('status', '--failures');

    expect([shown.code, listed.code]).toEqual([1, 1]);
    expect(shown.stdout).toMatch(/^run +rotation\nstate +FAILED\n/);
    expect(listed.stdout).toContain(FAILURE.recordId);
  });

  test('is about a reseal that runs, beside a newer verification', async () => {
    machine.executions.push(executed('verify-9-20261201000000-aabbccdd', 'RUNNING'), executed('run-1', 'RUNNING'));

    expect((await reseal('status')).stdout).toMatch(/^run +run-1\nstate +RUNNING\n/);
  });

  test('ends with 3 if there was none', async () => {
    expect(await reseal('status')).toMatchObject({ code: 3, stdout: '' });
  });

  test('with --watch prints a line until the run ends', async () => {
    machine.executions.push({ name: 'run-1', status: 'SUCCEEDED' });
    vault.functions.reseals = [runTo(KEY)];
    vault.functions.groups = [groupOf(KEY, 600)];

    const { code, stdout } = await reseal('status', '--watch');

    expect(code).toBe(0);
    expect(stdout).toBe('SUCCEEDED  resealed 600, failed 0, left 0; 10.0/s\n');
  });

  test('with --watch prints a line at each look, and keeps to the run although another one starts', async () => {
    machine.executions.push(executed('run-1', 'RUNNING'));
    endAt(3, 'FAILED');
    const onDescribe = machine.onDescribe;
    machine.onDescribe = (times) => {
      onDescribe(times);
      if (times === 2) machine.executions.unshift(executed('run-2', 'PENDING_REDRIVE'));
    };

    const { code, stdout } = await run(['reseal', 'status', '--watch', ...IN_DEV]);

    expect(code).toBe(1);
    expect(stdout).toBe('RUNNING\nRUNNING\nFAILED\n');
  });

  test('shows the run that the vault refuses to count, and says why it is not counted', async () => {
    machine.executions.push(executed('run-1', 'RUNNING'));
    vault.troubles.push(NOT_ALLOWED);

    const { code, stdout, stderr } = await reseal('status');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^run +run-1\nstate +RUNNING\nstarted +\S+\n$/);
    expect(stderr).toMatch(/^share-vault reseal: expected to be allowed to invoke function share-vault-dev-audit as actor signer/); // prettier-ignore
  });

  test('with --watch asks a vault that refuses only once', async () => {
    machine.executions.push(executed('run-1', 'RUNNING'));
    vault.troubles.push(NOT_ALLOWED);
    endAt(4);

    const { code, stdout, stderr } = await reseal('status', '--watch');

    expect(code).toBe(0);
    expect(stdout).toBe('RUNNING\nRUNNING\nRUNNING\nSUCCEEDED\n');
    expect(stderr.match(/expected to be allowed/g)).toHaveLength(1);
    expect(vault.calls).toHaveLength(1);
  });

  test('with --watch goes on after a failure of the vault, and of Step Functions, that passes', async () => {
    machine.executions.push(executed('run-1', 'RUNNING'));
    vault.functions.reseals = [runTo(KEY)];
    vault.troubles.push(...Array.from({ length: 8 }, () => ({ fault: new Fault('StoreUnavailable', 'x') })));
    endAt(4);
    const onDescribe = machine.onDescribe;
    machine.onDescribe = (times) => {
      if (times === 2) throw new AwsError('ThrottlingException', 'x');
      onDescribe(times);
    };

    const { code, stdout, stderr } = await reseal('status', '--watch');

    expect(code).toBe(0);
    // two looks of four attempts each got no counts
    expect(stdout).toMatch(/^RUNNING\nRUNNING\nRUNNING {2}resealed 600[^\n]*\nSUCCEEDED {2}resealed 600[^\n]*\n$/);
    expect(stderr.split('\n')).toEqual([
      expect.stringContaining('got StoreUnavailable'),
      expect.stringContaining('got ThrottlingException'),
      // the same reason is said once, although its request was another one
      '',
    ]);
  });

  test('with --watch ends with 7 after failures for more than a minute', async () => {
    machine.executions.push(executed('run-1', 'RUNNING'));
    machine.onDescribe = (times) => {
      if (times > 1) throw new AwsError('ThrottlingException', 'x');
    };

    const { code, stdout } = await run(['reseal', 'status', '--watch', ...IN_DEV]);

    expect(code).toBe(7);
    expect(stdout).toBe('RUNNING\n'.repeat(31));
  });

  test('with --failures lists what could not be resealed, page by page, and ends with 1', async () => {
    machine.executions.push({ name: 'run-1', status: 'FAILED' });
    vault.functions.reseals = [runTo(KEY)];
    const at = new Date().toISOString();
    const failures = [1, 2, 3].map((number) => ({
      recordId: `${number}f6a0b0e-0000-4000-8000-000000000000`,
      kind: 'delegated-share' as const,
      ...{ walletId: `wallet\u202e-${number}`, chain: 'EVM', code: 'MessageCorrupt', at },
    }));
    vault.functions.resealFailures = failures;

    const { code, stdout } = await reseal('status', '--failures');

    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n')).toEqual(
      failures.map(({ recordId }, index) => `MessageCorrupt  delegated-share  EVM  ${recordId}  wallet�-${index + 1}`),
    );

    const json = await reseal('status', '--failures', '--json');
    expect(json.stdout).toMatch(/^[\x20-\x7e\n]+$/);
    expect(json.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(failures); // prettier-ignore
  });

  test('with --failures says how many records the list does not have', async () => {
    machine.executions.push(executed('run-1', 'FAILED'));
    vault.functions.reseals = [runTo(KEY, { failed: 1_200 })];
    vault.functions.resealFailures = [{ ...FAILURE, at: new Date().toISOString() }];

    const { code, stderr } = await reseal('status', '--failures');

    expect(code).toBe(1);
    expect(stderr).toBe('share-vault reseal: 1 of 1200 records are listed: at most 1000 of a kind under one key\n');
  });

  test('with --failures asks nobody before it knows an actor', async () => {
    const { code, stderr } = await run(['reseal', 'status', '--failures', ...IN_DEV]);

    expect([code, stderr]).toEqual([2, 'share-vault reseal: expected --actor, got none\n']);
    expect(machine.calls).toEqual([]);
  });
});
