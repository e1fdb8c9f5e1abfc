import { describe, expect, jest, test } from '@jest/globals';
import { Fault } from '../support/fault';
import { vault } from '../support/use-fake-vault';
import { AwsError } from '../../../local/emulator/services';
import { run } from './support/account';
import { AS_SIGNER } from './support/data-vault';
import { groupOf, machine, runTo, useRotationAccount } from './support/rotation-account';

// a watch pauses for two seconds between its lines
jest.mock('../../../client/commands/watch', () => ({ WATCH_PAUSE_MS: 1 }));
useRotationAccount();

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/present';
const FORMER = 'arn:aws:kms:eu-central-1:111122223333:key/former';
const IN_DEV = ['--environment', 'dev'];
const reseal = (...args: string[]) => run(['reseal', ...args, ...AS_SIGNER]);
const executed = (name: string, status: string) => ({ name, status });
/** Ends what runs when its state is read for so many times. */
const endAt = (times: number, status = 'SUCCEEDED') => {
  machine.onDescribe = (time) => {
    const running = machine.executions.find((each) => each.status === 'RUNNING');
    if (time === times && running !== undefined) running.status = status;
  };
};
const NOT_ALLOWED = { reply: { status: 403, errorType: 'AccessDeniedException', body: '{}' } };

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

  test('starts one although one that was stopped a moment ago is still listed as running', async () => {
    machine.executions.push(executed('run-1', 'RUNNING'));
    machine.lagFor(1);
    Object.assign(machine.executions[0] ?? {}, { status: 'ABORTED' });

    const { stdout } = await reseal('start');

    expect(stdout).toMatch(/^started: manual-/);
  });

  test('sees an older execution that runs beside a newer one that ended', async () => {
    machine.executions.push(executed('run-2', 'SUCCEEDED'), executed('run-1', 'RUNNING'));

    expect(await reseal('start')).toMatchObject({ code: 0, stdout: 'runs already: run-1\n' });
  });

  test.each([
    ['list executions', 'ListExecutions', /^started: manual-/],
    ['describe executions', 'DescribeExecution', /^started: manual-/],
  ])('starts one for a caller who may not %s', async (_what, operation, message) => {
    machine.executions.push(executed('run-1', 'RUNNING'));
    machine.denied.add(operation);

    const { code, stdout } = await reseal('start');

    expect(code).toBe(0);
    expect(stdout).toMatch(message);
  });

  test('ends with 6 for a caller who may not start one', async () => {
    machine.denied.add('StartExecution');

    const { code, stderr } = await reseal('start');

    expect(code).toBe(6);
    expect(stderr).toContain('expected to start the reseal (states:StartExecution), got AccessDeniedException');
  });

  test('with --watch prints the lines of the execution that it started, and not of a former one', async () => {
    machine.executions.push(executed('run-1', 'FAILED'));
    machine.lagFor(5);
    endAt(6);

    const { code, stdout } = await run(['reseal', 'start', '--watch', ...IN_DEV]);

    expect(code).toBe(0);
    // one of the five is the list before the start: four descriptions know no such execution
    expect(stdout).toMatch(/^started: manual-\S+\n(RUNNING\n){6}SUCCEEDED\n$/);
  });

  test('with --watch ends with 3 if the execution that it started stays unknown', async () => {
    machine.lagFor(1_000);

    const { code, stderr } = await run(['reseal', 'start', '--watch', ...IN_DEV]);

    expect(code).toBe(3);
    expect(stderr).toContain('expected the execution that was started, got none');
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

  test('with --failures asks nobody before it knows an actor', async () => {
    const { code, stderr } = await run(['reseal', 'status', '--failures', ...IN_DEV]);

    expect([code, stderr]).toEqual([2, 'share-vault reseal: expected --actor, got none\n']);
    expect(machine.calls).toEqual([]);
  });
});

describe('share-vault reseal stop', () => {
  const STEP_ENDS = 'a step that has begun ends within 7 minutes: share-vault freeze --all ends it sooner, and stops all openings\n'; // prettier-ignore

  test('stops what is running', async () => {
    machine.executions.push(executed('run-2', 'RUNNING'), executed('run-1', 'SUCCEEDED'));

    const ran = await reseal('stop');

    expect(ran).toMatchObject({ code: 0, stdout: 'stopped: run-2\n', stderr: STEP_ENDS });
    expect(machine.executions).toMatchObject([{ status: 'ABORTED' }, { status: 'SUCCEEDED' }]);
  });

  test('stops the newest run of the vault, which is not listed yet', async () => {
    machine.lagFor(1);
    machine.executions.push(executed('run-2', 'RUNNING'), executed('run-1', 'SUCCEEDED'));
    vault.functions.reseals = [runTo(KEY, { run: 'run-2' }), runTo(KEY)];

    expect(await reseal('stop')).toMatchObject({ code: 0, stdout: 'stopped: run-2\n', stderr: STEP_ENDS });
    expect(machine.executions).toMatchObject([{ status: 'ABORTED' }, { status: 'SUCCEEDED' }]);
  });

  test.each([
    ['that ended', 'run-1', { endedAt: new Date().toISOString() }],
    ['that was stopped before', 'run-1', {}],
    ['that Step Functions does not know', 'run-0', {}],
  ])('stops no run %s', async (_which, name, changes) => {
    machine.executions.push(executed('run-1', 'ABORTED'));
    vault.functions.reseals = [runTo(KEY, { run: name, ...changes })];

    const { code, stdout } = await reseal('stop', '--json');

    expect({ code, json: JSON.parse(stdout) as unknown }).toEqual({ code: 0, json: { stopped: [] } });
    expect(machine.calls).not.toContain('StopExecution');
  });

  test('says that nothing is listed as running, and that a new run may be missing', async () => {
    expect(await reseal('stop')).toEqual({
      code: 0,
      stdout: 'nothing is running, as far as it is listed\n',
      stderr: 'a run that started in the last minute may be missing: repeat the command then\n',
    });
  });

  test('stops what is listed before it asks the vault, and says why that did not answer', async () => {
    machine.executions.push(executed('run-1', 'RUNNING'));
    vault.troubles.push(NOT_ALLOWED);

    const { code, stdout, stderr } = await reseal('stop');

    expect({ code, stdout }).toEqual({ code: 0, stdout: 'stopped: run-1\n' });
    expect(stderr).toContain('share-vault reseal: expected to be allowed to invoke function share-vault-dev-audit');
  });

  test('asks no vault for a caller who names no actor', async () => {
    await run(['reseal', 'stop', ...IN_DEV]);

    expect(vault.calls).toEqual([]);
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
