import { type Mutation, type TemplateJson, add, append, drop, remove, set } from '../../../support/mutate';
import { type Defect, KEY_POLICY, POLICY, sid } from './defect';

const MACHINE = 'VaultResealMachine';
const RUNNER = 'VaultResealRole';
const RESEALER = 'VaultResealFunctionRole';
const RULE = 'VaultResealRotated';
const TRUST = ['Properties', 'AssumeRolePolicyDocument', 'Statement', 0] as const;
const allow = (action: string, resource = '*') => ({ Effect: 'Allow', Action: action, Resource: resource });
const OTHER = 'arn:aws:lambda:us-east-1:111122223333:function:other:run';
const task = (parameters: object) => ({
  Type: 'Task',
  Resource: 'arn:${AWS::Partition}:states:::lambda:invoke',
  Parameters: parameters,
});
const machine = (state: object) => JSON.stringify({ StartAt: 'Step', States: { Step: state } });

/** Changes the text of the definition of the state machine. */
function redefined(from: string, to: string): Mutation {
  // the text is a part of a text of the template
  const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);
  return (template) => {
    const changed = JSON.stringify(template).replace(quoted(from), () => quoted(to));
    return JSON.parse(changed) as TemplateJson;
  };
}

/** Defects of the state machine that reseals, of its roles and of what starts it. */
export const RESEAL_DEFECTS: readonly Defect[] = [
  {
    defect: 'there is no state machine that reseals',
    mutation: drop(MACHINE),
    caughtBy: { machineResealsOnly: ['AWS::StepFunctions::StateMachine'] },
  },
  {
    defect: 'the state machine has a role that may do more',
    mutation: set(MACHINE, ['Properties', 'RoleArn'], 'arn:aws:iam::111122223333:role/admin'),
    caughtBy: { machineResealsOnly: [MACHINE] },
  },
  {
    defect: 'the state machine calls another function',
    mutation: set(MACHINE, ['Properties', 'DefinitionString'], machine(task({ FunctionName: OTHER }))),
    // it doesn't wait either
    caughtBy: { machineResealsOnly: [MACHINE, MACHINE] },
  },
  {
    defect: 'the role of the state machine may invoke every alias of its function',
    mutation: append(`${RUNNER}Permissions`, POLICY, allow('lambda:InvokeFunction')),
    caughtBy: { rolesMayNoMore: [RUNNER] },
  },
  {
    defect: 'another state machine may use the role that invokes the reseal',
    mutation: remove(RUNNER, [...TRUST, 'Condition']),
    caughtBy: { machineRoleServesOneMachine: [RUNNER] },
  },
  {
    defect: 'another account may invoke the reseal',
    mutation: add('Caller', 'AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: 'arn:aws:lambda:us-east-1:111122223333:function:share-vault-prod-reseal:run',
      Principal: '210987654321',
    }),
    caughtBy: { nobodyElseReseals: ['Caller'] },
  },
  {
    defect: 'the function that reseals may read secrets too',
    mutation: append(`${RESEALER}Permissions`, POLICY, allow('secretsmanager:GetSecretValue')),
    caughtBy: { rolesMayNoMore: [RESEALER] },
  },
  {
    defect: 'the role that reseals may use the share key outside the network',
    mutation: remove('VaultKeysShareKey', [
      ...KEY_POLICY,
      sid('AllowReseal'),
      'Condition',
      'StringEquals',
      'aws:SourceVpc',
    ]),
    caughtBy: { shareKeyNeedsContext: ['VaultKeysShareKey'] },
  },
  {
    defect: 'the run of a rotation does not wait for KMS',
    mutation: redefined('"StartAt":"Started"', '"StartAt":"Workers"'),
    caughtBy: { machineResealsOnly: [MACHINE] },
  },
  {
    defect: 'a step does not get the event that started the run',
    mutation: redefined(',"input.$":"$$.Execution.Input"', ''),
    caughtBy: { machineResealsOnly: [MACHINE] },
  },
  {
    defect: 'there is no rule on rotations',
    mutation: drop(RULE),
    caughtBy: { rulesStartOneMachine: [RULE] },
  },
  {
    defect: 'the rule on rotations matches every event of KMS',
    mutation: remove(RULE, ['Properties', 'EventPattern', 'detail-type']),
    caughtBy: { rulesStartOneMachine: [RULE] },
  },
  {
    defect: 'the rule on rotations matches rotations of every key',
    mutation: remove(RULE, ['Properties', 'EventPattern', 'detail']),
    caughtBy: { rulesStartOneMachine: [RULE] },
  },
  {
    defect: 'the rule on rotations matches those of another key',
    mutation: set(RULE, ['Properties', 'EventPattern', 'detail', 'key-id'], [{ Ref: 'VaultStorageKey' }]),
    caughtBy: { rulesStartOneMachine: [RULE] },
  },
  {
    defect: 'the rule on rotations matches fewer of them',
    mutation: set(RULE, ['Properties', 'EventPattern', 'detail', 'rotation-type'], ['AUTOMATIC']),
    caughtBy: { rulesStartOneMachine: [RULE] },
  },
  {
    defect: 'the rule on rotations listens on another bus',
    mutation: set(RULE, ['Properties', 'EventBusName'], 'other'),
    caughtBy: { rulesStartOneMachine: [RULE] },
  },
  {
    defect: 'the rule on rotations keeps the event to itself, so that the run does not wait',
    mutation: set(RULE, ['Properties', 'Targets', 0, 'Input'], '{}'),
    caughtBy: { rulesStartOneMachine: [RULE] },
  },
  {
    defect: 'the rule on rotations starts another machine too',
    mutation: append(RULE, ['Properties', 'Targets'], { Id: 'Target1', Arn: OTHER }),
    caughtBy: { rulesStartOneMachine: [RULE] },
  },
  {
    defect: 'another rule starts the reseal',
    mutation: add('Other', 'AWS::Events::Rule', {
      EventPattern: { source: ['aws.ec2'] },
      State: 'ENABLED',
      Targets: [{ Id: 'Target0', Arn: OTHER, RoleArn: { 'Fn::GetAtt': ['VaultResealStartRole', 'Arn'] } }],
    }),
    caughtBy: { rulesStartOneMachine: ['Other'] },
  },
  {
    defect: 'a rotation starts nothing',
    mutation: set(RULE, ['Properties', 'State'], 'DISABLED'),
    caughtBy: { rulesStartOneMachine: [RULE] },
  },
];
