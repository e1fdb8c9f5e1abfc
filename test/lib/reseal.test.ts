import { describe, expect, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as events from 'aws-cdk-lib/aws-events';
import { AccountPrincipal, ArnPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ENV } from '../../lambda/contract/variables';
import { plain } from '../../local/audit/plain';
import { secretsManagerBodies } from '../support/body-stores';
import { recoveryKey } from '../support/external-keys';
import { propertiesOf } from '../support/resources';
import { actionsOf, statementsOf } from '../support/statements';
import { testVault } from '../support/vault';

const PLACE = '${AWS::Region}:${AWS::AccountId}';
const MACHINE = `arn:\${AWS::Partition}:states:${PLACE}:stateMachine:share-vault-staging-reseal`;
const ALIAS = `arn:\${AWS::Partition}:lambda:${PLACE}:function:share-vault-staging-reseal:run`;

type Made = ReturnType<ReturnType<typeof testVault>['template']>;
type States = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const { vault, template } = testVault();
const made = template();

/** The definition of the state machine, with references written out. */
function definition(of: Made) {
  const [machine] = propertiesOf(of, 'AWS::StepFunctions::StateMachine').values();
  return JSON.parse(String(plain(machine?.DefinitionString))) as {
    readonly StartAt: string;
    readonly States: States & { readonly Workers: { readonly Branches: readonly { readonly States: States }[] } };
  };
}

describe('the reseal of a vault', () => {
  test('is on by default, as a state machine with a fixed name', () => {
    expect(vault.reseal?.stateMachineName).toBe('share-vault-staging-reseal');
    made.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'share-vault-staging-reseal',
      StateMachineType: 'STANDARD',
      LoggingConfiguration: Match.absent(),
    });
  });

  test('calls the alias with the name and the input of the execution, until a worker has nothing left', () => {
    const [{ States: states } = { States: {} }] = definition(made).States.Workers.Branches;

    expect(states.Step1).toMatchObject({
      Resource: 'arn:${AWS::Partition}:states:::lambda:invoke',
      Parameters: {
        FunctionName: ALIAS,
        Payload: { action: 'step', 'run.$': '$$.Execution.Name', 'input.$': '$$.Execution.Input' },
      },
      Next: 'Next1',
    });
    expect(states.Next1).toMatchObject({
      Choices: [
        { StringEquals: 'step', Next: 'Step1' },
        { StringEquals: 'wait', Next: 'Pause1' },
      ],
      Default: 'Done1',
    });
    expect(states.Pause1).toEqual({ Type: 'Wait', Seconds: 60, Next: 'Step1' });
  });

  test('writes the receipt after all workers, and fails if records were left behind', () => {
    const { Workers, Receipt, Outcome, Incomplete } = definition(made).States;

    expect(Workers).toMatchObject({ Type: 'Parallel', ResultPath: null, Next: 'Receipt' });
    expect(Receipt).toMatchObject({ Parameters: { FunctionName: ALIAS, Payload: { action: 'receipt' } } });
    expect(Outcome).toMatchObject({ Choices: [{ StringEquals: 'succeed', Next: 'Resealed' }], Default: 'Incomplete' });
    expect(Incomplete).toMatchObject({ Type: 'Fail' });
  });

  test('catches no failure, and retries neither a disabled key nor a changed record', () => {
    const text = JSON.stringify(definition(made));

    expect(text).not.toMatch(/"Catch"|KeyUnavailable|MessageCorrupt|ContextMismatch|States\.(ALL|TaskFailed)/);
    expect(text).toMatch(/"Lambda\.TooManyRequestsException".*"KeyThrottled"/);
  });

  test.each([1, 8])('has a branch of its own states for each of %d workers', (workers) => {
    const { Branches } = definition(testVault({ reseal: { workers } }).template()).States.Workers;
    const names = Branches.flatMap(({ States: states }) => Object.keys(states));

    expect(Branches).toHaveLength(workers);
    expect(new Set(names).size).toBe(names.length);
  });

  test('starts after a rotation of the share key, with the event as its input', () => {
    made.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.kms'],
        'detail-type': ['KMS CMK Rotation'],
        detail: { 'key-id': [{ Ref: Match.stringLikeRegexp('^VaultKeysShareKey') }] },
      },
      Targets: [{ Id: 'Target0', Arn: Match.anyValue(), RoleArn: Match.anyValue() }],
    });
  });

  test('starts on a schedule too, if there is one', () => {
    const schedule = events.Schedule.rate(Duration.days(7));

    testVault({ reseal: { schedule } })
      .template()
      .hasResourceProperties('AWS::Events::Rule', {
        ScheduleExpression: 'rate(7 days)',
        State: 'ENABLED',
        Targets: [Match.objectLike({ Input: '{}' })],
      });
  });

  test('runs after the migration only', () => {
    const [trigger = ''] = Object.keys(made.findResources('Custom::Trigger'));

    made.hasResource('AWS::Lambda::Alias', { Properties: { Name: 'run' }, DependsOn: Match.arrayWith([trigger]) });
  });

  test('reads the variables of the functions that seal, as a user of the database of its own', () => {
    made.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'share-vault-staging-reseal',
      Timeout: 420,
      Environment: {
        Variables: Match.objectLike({ [ENV.dbUser]: 'vault_resealer', [ENV.shareKeyArn]: Match.anyValue() }),
      },
    });
  });

  test('wraps to the recovery keys like a seal', () => {
    const sealed = testVault({ recoveryKeys: [recoveryKey()] }).template();
    const [fn] = [...propertiesOf(sealed, 'AWS::Lambda::Function').values()].filter(
      ({ FunctionName }) => FunctionName === 'share-vault-staging-reseal',
    );

    expect(JSON.stringify(fn?.Environment)).toContain('SHARE_VAULT_RECOVERY_KEYS');
  });
});

describe('the roles of the reseal', () => {
  const allows = (role: string) =>
    statementsOf(made, 'AWS::IAM::ManagedPolicy', role).map((statement) => [actionsOf(statement), statement.Resource]);

  test('may do one thing each: invoke one alias, and start one state machine', () => {
    expect(allows('VaultResealRole')).toEqual([[['lambda:InvokeFunction'], ALIAS]]);
    expect(allows('VaultResealStartRole')).toEqual([[['states:StartExecution'], MACHINE]]);
  });

  test('let no other state machine assume the one that invokes', () => {
    made.hasResourceProperties('AWS::IAM::Role', {
      Path: '/share-vault/reseal/',
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { Service: 'states.amazonaws.com' },
            Condition: {
              ArnEquals: { 'aws:SourceArn': Match.anyValue() },
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            },
          },
        ],
      },
    });
  });

  test('include the only role that opens and seals, within the context and the network of the vault', () => {
    const [statement] = statementsOf(made, 'AWS::KMS::Key', 'VaultKeysShareKey').filter(
      ({ Sid }) => Sid === 'AllowReseal',
    );
    const [sealing] = statementsOf(made, 'AWS::KMS::Key', 'VaultKeysShareKey').filter(({ Sid }) => Sid === 'AllowSeal');

    expect(statement).toMatchObject({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Principal: { AWS: '${VaultResealFunctionRole.Arn}' },
    });
    expect(statement?.Condition).toEqual(sealing?.Condition);
  });

  test('are the only identities with a permission on the function', () => {
    const permissions = [...propertiesOf(made, 'AWS::Lambda::Permission').values()].map((each) =>
      plain(each.FunctionName),
    );

    expect(permissions.filter((name) => String(name).includes('reseal'))).toEqual([]);
  });
});

describe('a grant on the reseal', () => {
  const { vault: granting, stack, template: grants } = testVault();
  const role = new Role(stack, 'Operator', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  const EXECUTIONS = `arn:\${AWS::Partition}:states:${PLACE}:execution:share-vault-staging-reseal:*`;
  granting.reseal?.grantStart(role);
  granting.reseal?.grantStop(role);
  granting.reseal?.grantRead(role);

  test('is for this state machine and its executions only', () => {
    const granted = statementsOf(grants(), 'AWS::IAM::Policy', 'Operator').map((statement) => [
      actionsOf(statement),
      statement.Resource,
    ]);

    // the CDK merges statements of equal resources
    expect(granted).toEqual([
      [['states:ListExecutions', 'states:StartExecution'], MACHINE],
      [['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'], EXECUTIONS],
    ]);
  });

  test.each([
    ['an identity of another account', new ArnPrincipal('arn:aws:iam::999999999999:role/operator')],
    ['another account', new AccountPrincipal('999999999999')],
  ])('is refused for %s: a state machine has no policy of its own', (_who, principal) => {
    expect(() => granting.reseal?.grantStart(principal)).toThrow('grantee: expected one');
  });

  test('is refused for a role that accepts no statements', () => {
    const imported = Role.fromRoleArn(stack, 'Imported', 'arn:aws:iam::123456789012:role/operator', { mutable: false });

    expect(() => granting.reseal?.grantStop(imported)).toThrow(
      'grantee: expected a role that accepts policy statements',
    );
  });
});

describe('a vault with a body store', () => {
  test('has no reseal, and says so', () => {
    const { vault: without, stack, template: bodies } = testVault({ bodyStore: secretsManagerBodies() });

    expect(without.reseal).toBeUndefined();
    bodies().resourceCountIs('AWS::StepFunctions::StateMachine', 0);
    Annotations.fromStack(stack).hasInfo('/Test/Vault', Match.stringLikeRegexp("can't be resealed"));
  });

  test('is refused with options of a reseal', () => {
    expect(() => testVault({ bodyStore: secretsManagerBodies(), reseal: {} })).toThrow(
      "reseal: expected none together with bodyStore, got both: bodies can't be resealed",
    );
  });
});
