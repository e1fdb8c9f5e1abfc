import { add, append, drop, remove, set } from '../../../support/mutate';
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
    caughtBy: { machineResealsOnly: [MACHINE] },
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
    defect: 'a rotation starts nothing',
    mutation: set(RULE, ['Properties', 'State'], 'DISABLED'),
    caughtBy: { rulesStartOneMachine: [RULE] },
  },
];
