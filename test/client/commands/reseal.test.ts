import { describe, expect, jest, test } from '@jest/globals';
import { vault } from '../support/use-fake-vault';
import { AwsError } from '../../../local/emulator/services';
import { run } from './support/account';
import { AS_SIGNER } from './support/data-vault';
import { NOT_ALLOWED, endAt, executed, machine, runTo, useRotationAccount } from './support/rotation-account';

// a watch pauses for two seconds between its lines
jest.mock('../../../client/commands/watch', () => ({ WATCH_PAUSE_MS: 1 }));
useRotationAccount();

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/present';
const VERIFICATION = 'verify-100-20261201000000-aabbccdd';
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

  test('starts one beside an execution that only verifies, and watches its own', async () => {
    machine.executions.push(executed(VERIFICATION, 'RUNNING'));
    machine.onDescribe = () => {
      const started = machine.executions.find(({ name }) => name.startsWith('manual-'));
      if (started !== undefined) started.status = 'SUCCEEDED';
    };

    const { code, stdout } = await reseal('start', '--watch');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^started: manual-\S+\n/);
    expect(machine.calls).toContain('StartExecution');
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

  test('prints what it stopped before a second stop fails', async () => {
    machine.executions.push(executed('run-2', 'RUNNING'), executed('run-1', 'RUNNING'));
    machine.onStop = (times) => {
      if (times === 2) throw new AwsError('ThrottlingException', 'x');
    };

    const { code, stdout } = await reseal('stop');

    expect([code, stdout]).toEqual([7, 'stopped: run-2\n']);
  });

  test('asks no vault for a caller who names no actor', async () => {
    await run(['reseal', 'stop', ...IN_DEV]);

    expect(vault.calls).toEqual([]);
  });
});

test.each([
  ['no action', [], 'expected start, status, stop or receipt, got something else'],
  ['another action', ['restart'], 'expected start, status, stop or receipt, got something else'],
  ['more than an action', ['start', 'now'], 'expected start, status, stop or receipt [RUN], got more'],
  ['the receipts of two runs', ['receipt', 'a', 'b'], 'expected start, status, stop or receipt [RUN], got more'],
  ['a receipt that is watched', ['receipt', 'a', '--watch'], '--watch: expected reseal start or status with it'],
  ['the file of a status', ['status', '--file', 'x'], '--file: expected reseal receipt with it'],
  ['a stop that is watched', ['stop', '--watch'], '--watch: expected reseal start or status with it'],
  ['failures of a start', ['start', '--failures'], '--failures: expected reseal status with it'],
])('share-vault reseal ends with 2 for %s', async (_what, args, message) => {
  const { code, stderr } = await reseal(...args);

  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(machine.calls).toEqual([]);
});
