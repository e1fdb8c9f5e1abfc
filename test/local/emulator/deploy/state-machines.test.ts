import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { KMSClient, RotateKeyOnDemandCommand } from '@aws-sdk/client-kms';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  type DescribeExecutionOutput,
  ListExecutionsCommand,
  SFNClient,
  type StartExecutionInput,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type Deployed, deployTemplate } from '../../../../local/emulator/deploy';
import { logFolder } from '../../../support/run';
import { machineTemplate } from './machine-stack';
import { as } from './support';

let deployed: Deployed;
let client: SFNClient;
let machine: string;
beforeAll(async () => {
  deployed = await deployTemplate({ template: machineTemplate(), logDir: logFolder(), longestWaitSeconds: 0.01 });
  client = new SFNClient(as(deployed, deployed.administrator));
  machine = `arn:aws:states:${deployed.region}:${deployed.account}:stateMachine:worker`;
});
afterAll(() => deployed.close());

const inputOf = (...responses: readonly string[]) => JSON.stringify({ action: 'step', responses });
const start = (input: Partial<StartExecutionInput> = {}, from = client) =>
  from.send(new StartExecutionCommand({ stateMachineArn: machine, input: inputOf('done'), ...input }));
const describeExecution = (executionArn = '') => client.send(new DescribeExecutionCommand({ executionArn }));
const listed = async () =>
  (await client.send(new ListExecutionsCommand({ stateMachineArn: machine }))).executions ?? [];

/** Returns an execution when it has ended. */
async function ended(executionArn = ''): Promise<DescribeExecutionOutput> {
  for (;;) {
    const execution = await describeExecution(executionArn);
    if (execution.status !== 'RUNNING') return execution;
  }
}

describe('an execution', () => {
  test('steps, pauses and ends by the responses of the function, each call with the name of the execution', async () => {
    const { executionArn, startDate } = await start({ name: 'all', input: inputOf('step', 'wait', 'step', 'done') });
    const { output, ...execution } = await ended(executionArn);

    expect(execution).toMatchObject({ name: 'all', status: 'SUCCEEDED', stateMachineArn: machine, startDate });
    expect(execution.stopDate?.getTime()).toBeGreaterThanOrEqual(startDate?.getTime() ?? Infinity);
    expect(JSON.parse(output ?? '')).toEqual([{ next: 'done', run: 'all', turn: 3 }]);
  });

  test.each([
    ['a fail state', inputOf('fail'), 'Incomplete', 'some records are left'],
    ['an error of the function, by its type', '{"action":"throw","responses":[]}', 'RangeError', 'too far'],
    ['the end of the function', '{"action":"exit","responses":[]}', 'Lambda.Unknown', 'Runtime.ExitError'],
    ['an input without a value of a path', '{"action":"step"}', 'States.Runtime', '$.responses'],
  ])('fails by %s', async (_, input, error, cause) => {
    const { executionArn } = await start({ input });
    const execution = await ended(executionArn);

    expect(execution).toMatchObject({ status: 'FAILED', error });
    expect(execution.cause).toContain(cause);
    expect(execution.output).toBeUndefined();
  });

  test('is returned again by a start with its name and input while it runs, and by no other', async () => {
    const first = await start({ name: 'twice', input: inputOf('wait') });

    expect(await start({ name: 'twice', input: inputOf('wait') })).toMatchObject({
      executionArn: first.executionArn,
      startDate: first.startDate,
    });
    await expect(start({ name: 'twice', input: inputOf('step') })).rejects.toThrowWithCode('ExecutionAlreadyExists');
    await client.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    await expect(start({ name: 'twice', input: inputOf('wait') })).rejects.toThrowWithCode('ExecutionAlreadyExists');
  });

  test('is aborted by a stop, with the error and the cause of the caller', async () => {
    const { executionArn } = await start({ input: inputOf('wait') });
    await client.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'by hand' }));
    // a second stop changes nothing
    await client.send(new StopExecutionCommand({ executionArn, error: 'Again' }));

    expect(await describeExecution(executionArn)).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'by hand',
    });
  });

  test('is listed, newest first by its start or its end, in pages and by its status', async () => {
    const { executionArn: stopped } = await start({ name: 'list-stopped', input: inputOf('wait') });
    await ended((await start({ name: 'list-a' })).executionArn);
    const { stopDate } = await ended((await start({ name: 'list-b', input: inputOf('fail') })).executionArn);
    const page = (more: object) =>
      client.send(new ListExecutionsCommand({ stateMachineArn: machine, maxResults: 1, ...more }));

    const first = await page({});
    expect(first.executions).toMatchObject([{ name: 'list-b', status: 'FAILED' }]);
    expect((await page({ nextToken: first.nextToken })).executions).toMatchObject([{ name: 'list-a' }]);
    expect((await page({ statusFilter: 'SUCCEEDED' })).executions).toMatchObject([{ name: 'list-a' }]);
    // times are in milliseconds
    while (Date.now() <= Number(stopDate)) await setImmediate();
    await client.send(new StopExecutionCommand({ executionArn: stopped }));
    expect((await page({})).executions).toMatchObject([{ name: 'list-stopped', status: 'ABORTED' }]);
    await expect(page({ nextToken: 'x' })).rejects.toThrowWithCode('InvalidToken');
  });

  test.each([
    [
      'of an unknown machine',
      { stateMachineArn: 'arn:aws:states:us-east-1:111122223333:stateMachine:none' },
      'StateMachineDoesNotExist',
    ],
    ['with an input that is no JSON', { input: '{' }, 'InvalidExecutionInput'],
    ['with a name that Step Functions refuses', { name: 'a:b' }, 'InvalidName'],
    ['with a name that is too long', { name: 'a'.repeat(81) }, 'ValidationException'],
  ])('%s is not started', async (_, input, code) => {
    await expect(start(input)).rejects.toThrowWithCode(code);
  });

  test('that is unknown is not described', async () => {
    await expect(describeExecution(`${machine.replace('stateMachine', 'execution')}:none`)).rejects.toThrowWithCode(
      'ExecutionDoesNotExist',
    );
  });
});

describe('the machine', () => {
  test('is described with its role and its definition, references resolved', async () => {
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: machine }));

    expect(described).toMatchObject({ name: 'worker', status: 'ACTIVE', type: 'STANDARD' });
    expect(described.roleArn).toMatch(/:role\/MachineRole$/);
    expect(described.definition).toContain(':function:worker:run"');
  });

  test('that does not run here is listed as skipped, with the reason', () => {
    const skipped = deployed.skipped.filter(({ type }) => type.startsWith('AWS::StepFunctions'));

    expect(skipped).toEqual([
      {
        logicalId: 'Unknown',
        type: expect.stringMatching(/^AWS::StepFunctions::StateMachine: States\.A\.Type: expected /),
      },
    ]);
  });
});

describe('policies', () => {
  const without = (name: string) => (template: object) => {
    Reflect.deleteProperty(Reflect.get(template, 'Resources') as object, name);
  };
  const withoutTrust = (name: string) => (template: object) => {
    const role = Reflect.get(Reflect.get(template, 'Resources') as object, name) as {
      Properties: { AssumeRolePolicyDocument: object };
    };
    role.Properties.AssumeRolePolicyDocument = { Version: '2012-10-17', Statement: [] };
  };

  test.each([
    ['may not invoke the function', without('MachinePolicy'), 'Lambda.AWSLambdaException', 'lambda:InvokeFunction'],
    ['does not trust Step Functions', withoutTrust('MachineRole'), 'States.Permissions', 'sts:AssumeRole'],
  ])('fail the task of a machine whose role %s', async (_, amend, error, cause) => {
    deployed.decideWith(amend);
    try {
      const { executionArn } = await start();
      const execution = await ended(executionArn);

      expect(execution).toMatchObject({ status: 'FAILED', error });
      expect(execution.cause).toContain(cause);
    } finally {
      deployed.decideWith(undefined);
    }
  });

  test.each([
    ['start', 'states:StartExecution', (sfn: SFNClient) => start({}, sfn)],
    [
      'list',
      'states:ListExecutions',
      (sfn: SFNClient) => sfn.send(new ListExecutionsCommand({ stateMachineArn: machine })),
    ],
    [
      'describe',
      'states:DescribeExecution',
      (sfn: SFNClient, executionArn: string) => sfn.send(new DescribeExecutionCommand({ executionArn })),
    ],
    [
      'stop',
      'states:StopExecution',
      (sfn: SFNClient, executionArn: string) => sfn.send(new StopExecutionCommand({ executionArn })),
    ],
  ])('let a caller %s executions only with %s on them', async (name, Action, call) => {
    const { executionArn = '' } = await start({ input: inputOf('wait') });
    const one = name === 'start' || name === 'list' ? machine : executionArn;
    const clientWith = (suffix: string, Resource: string) => {
      const statement = { Effect: 'Allow', Action, Resource };
      return new SFNClient(as(deployed, deployed.principal(`${name}-${suffix}`, [statement])));
    };

    await expect(call(clientWith('other', `${one}-other`), executionArn)).rejects.toThrowWithCode(
      'AccessDeniedException',
    );
    await expect(call(clientWith('one', one), executionArn)).resolves.toBeDefined();
    if (name !== 'stop') await client.send(new StopExecutionCommand({ executionArn }));
  });
});

describe('rules', () => {
  const rotate = () => {
    const KeyId = deployed.template.keys()[0]?.arn ?? '';
    return new KMSClient(as(deployed, deployed.administrator)).send(new RotateKeyOnDemandCommand({ KeyId }));
  };
  /** Returns the executions that begin while an action runs. */
  const begun = async (action: () => Promise<unknown>, expected: number) => {
    const before = new Set((await listed()).map(({ name }) => name));
    await action();
    for (;;) {
      const found = (await listed()).filter(({ name }) => !before.has(name));
      if (found.length >= expected) return Promise.all(found.map(({ executionArn }) => ended(executionArn)));
    }
  };

  test('start an execution when the key’s material is rotated, with the role of the target', async () => {
    const [execution, ...others] = await begun(rotate, 1);

    expect(others).toEqual([]);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', input: inputOf('done') });
    expect(execution?.name).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
  });

  test('start an execution when they are fired by hand', async () => {
    expect(await begun(() => deployed.fire('Nightly'), 1)).toMatchObject([{ status: 'SUCCEEDED' }]);
  });

  test.each([
    ['may not start the machine', 'RulePolicy', 'states:StartExecution'],
    ['does not exist', 'RuleRole', 'sts:AssumeRole'],
  ])('start nothing with a role that %s, and the trail has the refusal', async (_, name, action) => {
    const amend = (template: object) => {
      const resources = Reflect.get(template, 'Resources') as Record<string, { Properties: Record<string, object> }>;
      if (name === 'RulePolicy') Reflect.deleteProperty(resources, name);
      else if (resources.RuleRole)
        resources.RuleRole.Properties.AssumeRolePolicyDocument = { Version: '2012-10-17', Statement: [] };
    };
    deployed.decideWith(amend);
    try {
      await expect(deployed.fire('Nightly')).rejects.toThrowWithCode('AccessDeniedException');
      expect(deployed.trail.entries.at(-1)).toMatchObject({ action, result: 'AccessDeniedException' });
    } finally {
      deployed.decideWith(undefined);
    }
  });

  test('that do not run by events are listed as skipped', () => {
    const skipped = deployed.skipped.filter(({ type }) => type === 'AWS::Events::Rule');

    expect(skipped.map(({ logicalId }) => logicalId)).toEqual(['Nightly', 'Prefixed']);
  });

  test('with a schedule that EventBridge refuses fail the deploy', async () => {
    const template = machineTemplate((resources) => {
      resources.Nightly.Properties.ScheduleExpression = 'rate(1 days)';
      return resources;
    });

    await expect(deployTemplate({ template })).rejects.toThrow('Nightly: expected a schedule such as');
  });
});
