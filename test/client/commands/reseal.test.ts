import { describe, expect, test } from '@jest/globals';
import { vault } from '../support/use-fake-vault';
import { run } from './support/account';
import { AS_SIGNER } from './support/data-vault';
import { groupOf, machine, runTo, useRotationAccount } from './support/rotation-account';

useRotationAccount();

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/present';
const FORMER = 'arn:aws:kms:eu-central-1:111122223333:key/former';
const IN_DEV = ['--environment', 'dev'];
const reseal = (...args: string[]) => run(['reseal', ...args, ...AS_SIGNER]);

describe('share-vault reseal start', () => {
  test('starts an execution, and prints its name', async () => {
    const { code, stdout } = await reseal('start');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^started: manual-\d{14}-[0-9a-f]{8}\n$/);
    expect(machine.executions).toMatchObject([{ status: 'RUNNING' }]);
  });

  test('starts no other one while one is running', async () => {
    machine.executions.push({ name: 'run-1', status: 'RUNNING' });

    const { code, stdout } = await reseal('start', '--json');

    expect({ code, json: JSON.parse(stdout) as unknown }).toEqual({ code: 0, json: { run: 'run-1', started: false } });
    expect(machine.executions).toHaveLength(1);
  });

  test('ends with 3 in an environment without the state machine', async () => {
    const { code, stderr } = await run(['reseal', 'start', '--environment', 'other', '--actor', 'signer']);

    expect(code).toBe(3);
    expect(stderr).toContain('expected state machine share-vault-other-reseal, got none: is that environment deployed');
  });
});

describe('share-vault reseal status', () => {
  test('shows the run, its counts, its rate and the time left', async () => {
    machine.executions.push({ name: 'run-1', status: 'RUNNING' });
    vault.functions.reseals = [runTo(KEY)];
    vault.functions.groups = [groupOf(KEY, 600), groupOf(FORMER, 300)];

    const { code, stdout } = await reseal('status');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^run +run-1\nstate +RUNNING\nstarted +\S+\nresealed +600\nfailed +0\nleft +300\nrecords a second {2}10\.0\ntime left +30 s\n$/); // prettier-ignore
  });

  test('shows the state alone to a caller who names no actor', async () => {
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

  test('ends with 3 if there was none', async () => {
    expect(await reseal('status')).toMatchObject({ code: 3, stdout: '' });
  });

  test('with --watch prints a line until the run ends', async () => {
    machine.executions.push({ name: 'run-1', status: 'SUCCEEDED' });
    vault.functions.reseals = [runTo(KEY)];
    vault.functions.groups = [groupOf(KEY, 600)];

    const { code, stdout } = await reseal('status', '--watch');

    expect(code).toBe(0);
    expect(stdout).toBe('SUCCEEDED  resealed 600, failed 0, left 0; 10.0 a second\n');
  });

  test('with --failures lists what could not be resealed, page by page, and ends with 1', async () => {
    machine.executions.push({ name: 'run-1', status: 'FAILED' });
    vault.functions.reseals = [runTo(KEY)];
    const at = new Date().toISOString();
    const failures = [1, 2, 3].map((number) => ({
      recordId: `${number}f6a0b0e-0000-4000-8000-000000000000`,
      kind: 'delegated-share' as const,
      ...{ walletId: `wallet\u001b-${number}`, chain: 'EVM', code: 'MessageCorrupt', at },
    }));
    vault.functions.resealFailures = failures;

    const { code, stdout } = await reseal('status', '--failures');

    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n')).toEqual(
      failures.map(({ recordId }, index) => `MessageCorrupt  delegated-share  EVM  ${recordId}  wallet�-${index + 1}`),
    );
  });
});

describe('share-vault reseal stop', () => {
  test('stops what is running', async () => {
    machine.executions.push({ name: 'run-2', status: 'RUNNING' }, { name: 'run-1', status: 'SUCCEEDED' });

    const { code, stdout } = await reseal('stop');

    expect(code).toBe(0);
    expect(stdout).toBe('stopped: run-2; a step that has begun ends within five minutes\n');
    expect(machine.executions).toMatchObject([{ status: 'ABORTED' }, { status: 'SUCCEEDED' }]);
  });

  test('says that nothing is running', async () => {
    expect(await reseal('stop')).toMatchObject({ code: 0, stdout: 'nothing is running\n' });
  });
});

test.each([
  ['no action', [], 'expected start, status or stop, got something else'],
  ['another action', ['restart'], 'expected start, status or stop, got something else'],
  ['more than an action', ['start', 'now'], 'expected start, status or stop, got more'],
  ['a stop that is watched', ['stop', '--watch'], '--watch: expected reseal start or status with it'],
  ['failures of a start', ['start', '--failures'], '--failures: expected reseal status with it'],
])('share-vault reseal ends with 2 for %s', async (_what, args, message) => {
  const { code, stderr } = await reseal(...args);

  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(machine.calls).toEqual([]);
});
