import { isDeepStrictEqual } from 'node:util';
import { ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import type { Check } from './finding';
import { objectsIn, parse } from './json-in';
import { trustBeyond } from './machine-role';
import { type VaultTemplate, at, list, members, ofType } from './template';

const MACHINE = 'AWS::StepFunctions::StateMachine';
const RULE = 'AWS::Events::Rule';
const ROTATED = 'VaultResealRotated';
const SHARE_KEY = 'VaultKeysShareKey';
const ROLE = 'VaultResealRole';
const PLACE = '${AWS::Region}:${AWS::AccountId}';

/** Returns whether a vault reseals its records: only one with a body store does not. */
export function hasReseal(template: VaultTemplate): boolean {
  const functions = ofType(template, 'AWS::Lambda::Function');
  return !functions.some(
    ({ properties }) => at(properties, 'Environment', 'Variables', ELSEWHERE_ENV.bodyStore) !== undefined,
  );
}

export const machineArn = ({ environment }: VaultTemplate): string =>
  `arn:\${AWS::Partition}:states:${PLACE}:stateMachine:share-vault-${environment}-reseal`;
const aliasArn = ({ environment }: VaultTemplate): string =>
  `arn:\${AWS::Partition}:lambda:${PLACE}:function:share-vault-${environment}-reseal:run`;

/** The machine calls the one function that opens and seals, with the name of its run, and hides no failure. */
export const machineResealsOnly: Check = (template) => {
  // a vault that tests its restores has another one
  const machines = ofType(template, MACHINE).filter(({ id }) => id !== 'VaultRestoreTestingMachine');
  if (machines.length === 0 && hasReseal(template)) {
    return [{ resource: MACHINE, problem: 'expected a state machine that reseals, got none' }];
  }
  return machines.flatMap(({ id, properties }) => {
    const definition = parse(at(properties, 'DefinitionString'));
    const tasks = objectsIn(definition).filter((state) => state.Type === 'Task');
    const problems = [
      ...(at(properties, 'RoleArn') === `\${${ROLE}.Arn}` ? [] : ['expected the role that reseals, got another one']),
      ...(tasks.length > 0 && tasks.every((task) => isReseal(task, template))
        ? []
        : ['expected tasks that reseal under the name of the run, got others']),
      ...(waitsForRotation(definition) ? [] : ['expected a wait of ten minutes after a rotation, got none']),
      ...(objectsIn(definition).some((state) => 'Catch' in state)
        ? ['expected failures to end a run, got a Catch']
        : []),
    ];
    return problems.map((problem) => ({ resource: id, problem }));
  });
};

/** Another state machine with this role could call the function with other requests. */
export const machineRoleServesOneMachine: Check = (template) => trustBeyond(template, ROLE, machineArn(template));

/** The function's own policy names nobody: the state machine's role has its right from its own policy. */
export const nobodyElseReseals: Check = (template) =>
  ofType(template, 'AWS::Lambda::Permission')
    .filter(({ properties }) => String(at(properties, 'FunctionName')).includes(`-${template.environment}-reseal`))
    .map(({ id }) => ({ resource: id, problem: 'expected no permission to reseal, got one' }));

/** Rules start a run on one event or on a schedule, by the role that may only start runs; a rotation does start one. */
export const rulesStartOneMachine: Check = (template) => {
  const { arn, role } = starting(template);
  const rules = ofType(template, RULE).filter(
    ({ id, properties }) =>
      id.startsWith('VaultReseal') ||
      list(at(properties, 'Targets')).some((target) => at(target, 'Arn') === arn || at(target, 'RoleArn') === role),
  );
  const lacking = rotates(template) && !rules.some(({ id }) => id === ROTATED);
  return [
    ...(lacking ? [{ resource: ROTATED, problem: 'expected a rule on rotations of the share key, got none' }] : []),
    ...rules
      .filter(({ id, properties }) => !isDeepStrictEqual(effectOf(properties), reviewedRule(id, properties, template)))
      .map(({ id }) => ({ resource: id, problem: 'expected a reviewed rule that starts the reseal, got another' })),
  ];
};

const starting = (template: VaultTemplate) => ({ arn: machineArn(template), role: '${VaultResealStartRole.Arn}' });

/** Returns whether the share key is in AWS KMS: only that sends events. */
function rotates(template: VaultTemplate): boolean {
  return hasReseal(template) && ofType(template, 'AWS::KMS::Key').some(({ id }) => id === SHARE_KEY);
}

/** Returns the properties of a rule without those that only describe it. */
function effectOf(properties: unknown): object {
  return Object.fromEntries(members(properties).filter(([name]) => !['Description', 'Tags'].includes(name)));
}

/** Returns what a rule of this id has to do. A rotation's rule sends its event on; a schedule's sends nothing. */
function reviewedRule(id: string, properties: unknown, template: VaultTemplate): object | undefined {
  const { arn, role } = starting(template);
  const target = { Arn: arn, Id: 'Target0', RoleArn: role };
  if (id === ROTATED) {
    const detail = { 'key-id': [`\${${SHARE_KEY}}`] };
    const EventPattern = { source: ['aws.kms'], 'detail-type': ['KMS CMK Rotation'], detail };
    return { EventPattern, State: 'ENABLED', Targets: [target] };
  }
  const ScheduleExpression = at(properties, 'ScheduleExpression');
  if (id !== 'VaultResealSchedule' || typeof ScheduleExpression !== 'string') return undefined;
  return { ScheduleExpression, State: 'ENABLED', Targets: [{ ...target, Input: '{}' }] };
}

/** The run of a rotation waits until KMS knows the new material: its first step would find nothing to do. */
function waitsForRotation(definition: unknown): boolean {
  const states = at(definition, 'States');
  const first = at(states, String(at(definition, 'StartAt')));
  const wanted = {
    Type: 'Choice',
    Choices: [
      {
        And: [
          { Variable: '$.source', IsPresent: true },
          { Variable: '$.source', StringEquals: 'aws.kms' },
        ],
        Next: 'Settle',
      },
    ],
    Default: 'Workers',
  };
  const wait = at(states, 'Settle');
  return isDeepStrictEqual(first, wanted) && isDeepStrictEqual(wait, { Type: 'Wait', Seconds: 600, Next: 'Workers' });
}

function isReseal(task: Readonly<Record<string, unknown>>, template: VaultTemplate): boolean {
  const payload = at(task.Parameters, 'Payload');
  const run = { 'run.$': '$$.Execution.Name' };
  const calls = [
    { action: 'step', ...run, 'input.$': '$$.Execution.Input' },
    { action: 'receipt', ...run },
  ];
  return (
    task.Resource === 'arn:${AWS::Partition}:states:::lambda:invoke' &&
    at(task.Parameters, 'FunctionName') === aliasArn(template) &&
    calls.some((call) => isDeepStrictEqual(payload, call))
  );
}
