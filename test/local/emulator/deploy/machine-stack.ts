import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const Version = '2012-10-17';
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const ALIAS = { Ref: 'Run' };
const MACHINE_ARN = 'arn:aws:states:us-east-1:111122223333:stateMachine:worker';

const TRUST_ACCOUNT = {
  Effect: 'Allow',
  Principal: { AWS: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' } },
  Action: 'kms:*',
  Resource: '*',
};

/** The CDK writes definitions as texts that are joined with references. */
const withAlias = (part: string) => (part === 'ALIAS' ? ALIAS : part);

const role = (service: string, RoleName: string, Condition?: object) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Version,
      Statement: [
        { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole', ...(Condition && { Condition }) },
      ],
    },
  },
});
const policy = (on: string, Sid: string, Action: string, Resource: unknown) => ({
  Type: 'AWS::IAM::Policy',
  Properties: {
    PolicyName: on,
    Roles: [{ Ref: on }],
    PolicyDocument: { Version, Statement: [{ Sid, Effect: 'Allow', Action, Resource }] },
  },
});

/** A function that responds with the next of the responses in its event: each run has its own turn. */
const CODE = `const turns = new Map();
exports.handler = async ({ action, run, responses = ['done'] }) => {
  if (action === 'throw') throw new RangeError('too far');
  if (action === 'exit') process.exit(3);
  const turn = turns.get(run) ?? 0;
  turns.set(run, turn + 1);
  return { next: responses[Math.min(turn, responses.length - 1)], run, turn };
};`;

/** The machine of a worker: it steps until its function responds with `done`, pauses for `wait`, fails for `fail`. */
const DEFINITION = {
  StartAt: 'Work',
  States: {
    Work: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Step',
          States: {
            Step: {
              Type: 'Task',
              Resource: 'arn:aws:states:::lambda:invoke',
              Parameters: {
                FunctionName: 'ALIAS',
                Payload: { 'action.$': '$.action', 'run.$': '$$.Execution.Name', 'responses.$': '$.responses' },
              },
              ResultPath: '$.result',
              Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'] }],
              Next: 'Next',
            },
            Next: {
              Type: 'Choice',
              Choices: [
                { Variable: '$.result.Payload.next', StringEquals: 'step', Next: 'Step' },
                { Variable: '$.result.Payload.next', StringEquals: 'wait', Next: 'Pause' },
              ],
              Default: 'Stepped',
            },
            Pause: { Type: 'Wait', Seconds: 60, Next: 'Step' },
            Stepped: { Type: 'Succeed', OutputPath: '$.result.Payload' },
          },
        },
      ],
      Next: 'Outcome',
    },
    Outcome: {
      Type: 'Choice',
      Choices: [{ Variable: '$[0].next', StringEquals: 'fail', Next: 'Incomplete' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
    Incomplete: { Type: 'Fail', Error: 'Incomplete', Cause: 'some records are left' },
  },
};

const INPUT = JSON.stringify({ action: 'step', responses: ['done'] });
const target = (Id: string, RoleArn?: object) => ({
  Id,
  Arn: { Ref: 'Machine' },
  Input: INPUT,
  ...(RoleArn && { RoleArn }),
});

/** A state machine, its function, a key, and rules that start the machine. */
const RESOURCES = {
  FnRole: role('lambda.amazonaws.com', 'FnRole'),
  Fn: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      ...{ FunctionName: 'worker', Role: arnOf('FnRole'), Code: { ZipFile: CODE }, Timeout: 10 },
      ...{ Handler: 'index.handler', Runtime: 'nodejs24.x' },
    },
  },
  Published: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } } },
  Run: {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      FunctionName: { Ref: 'Fn' },
      FunctionVersion: { 'Fn::GetAtt': ['Published', 'Version'] },
      Name: 'run',
    },
  },
  MachineRole: role('states.amazonaws.com', 'MachineRole', {
    StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    ArnEquals: { 'aws:SourceArn': MACHINE_ARN },
  }),
  MachinePolicy: policy('MachineRole', 'AllowInvoke', 'lambda:InvokeFunction', ALIAS),
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: 'worker',
      RoleArn: arnOf('MachineRole'),
      DefinitionString: {
        'Fn::Join': [
          '',
          JSON.stringify(DEFINITION)
            .split(/(ALIAS)/)
            .map(withAlias),
        ],
      },
    },
  },
  Unknown: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: 'unknown',
      RoleArn: arnOf('MachineRole'),
      DefinitionString: JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Map', End: true } } }),
    },
  },
  Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: { Version, Statement: [TRUST_ACCOUNT] } } },
  RuleRole: role('events.amazonaws.com', 'RuleRole'),
  RulePolicy: policy('RuleRole', 'AllowStart', 'states:StartExecution', { Ref: 'Machine' }),
  Rotated: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: {
        source: ['aws.kms'],
        'detail-type': ['KMS CMK Rotation'],
        detail: { 'key-id': [{ Ref: 'Key' }] },
      },
      Targets: [target('T0', arnOf('RuleRole'))],
    },
  },
  Nightly: {
    Type: 'AWS::Events::Rule',
    Properties: { ScheduleExpression: 'rate(1 day)', Targets: [target('T0', arnOf('RuleRole'))] },
  },
  Prefixed: {
    Type: 'AWS::Events::Rule',
    Properties: { EventPattern: { source: [{ prefix: 'aws.' }] }, Targets: [target('T0', arnOf('RuleRole'))] },
  },
};

/** Writes the template. Returns its path. */
export function machineTemplate(change: (resources: typeof RESOURCES) => object = (resources) => resources): string {
  const resources = JSON.stringify(change(structuredClone(RESOURCES)));
  const file = join(mkdtempSync(join(tmpdir(), 'share-vault-machine-')), 'Mine.template.json');
  writeFileSync(file, `{"Resources":${resources}}`);
  return file;
}
