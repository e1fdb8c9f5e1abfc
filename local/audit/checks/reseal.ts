import { isDeepStrictEqual } from 'node:util';
import { ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import type { Check } from './finding';
import { statements } from './statements';
import { type VaultTemplate, at, list, members, ofType } from './template';

const MACHINE = 'AWS::StepFunctions::StateMachine';
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
  const machines = ofType(template, MACHINE);
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
      ...(objectsIn(definition).some((state) => 'Catch' in state)
        ? ['expected failures to end a run, got a Catch']
        : []),
    ];
    return problems.map((problem) => ({ resource: id, problem }));
  });
};

/** Another state machine with this role could call the function with other requests. */
export const machineRoleServesOneMachine: Check = (template) =>
  ofType(template, 'AWS::IAM::Role')
    .filter(({ id }) => id === ROLE)
    .filter(
      ({ properties }) =>
        !statements(at(properties, 'AssumeRolePolicyDocument')).every(({ conditions }) =>
          isDeepStrictEqual(conditions, {
            ArnEquals: { 'aws:SourceArn': machineArn(template) },
            StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' },
          }),
        ),
    )
    .map(({ id }) => ({ resource: id, problem: 'expected trust for one state machine, got it wider' }));

/** The function's own policy names nobody: the state machine's role has its right from its own policy. */
export const nobodyElseReseals: Check = (template) =>
  ofType(template, 'AWS::Lambda::Permission')
    .filter(({ properties }) => String(at(properties, 'FunctionName')).includes(`-${template.environment}-reseal`))
    .map(({ id }) => ({ resource: id, problem: 'expected no permission to reseal, got one' }));

/** Rules start a run with an empty input, by the role that may only start runs. */
export const rulesStartOneMachine: Check = (template) =>
  ofType(template, 'AWS::Events::Rule')
    .filter(({ id }) => id.startsWith('VaultReseal'))
    .filter(({ properties }) => {
      const [target, ...others] = list(at(properties, 'Targets'));
      const wanted = { arn: machineArn(template), role: '${VaultResealStartRole.Arn}', input: '{}', state: 'ENABLED' };
      const got = {
        arn: at(target, 'Arn'),
        role: at(target, 'RoleArn'),
        input: at(target, 'Input'),
        state: at(properties, 'State'),
      };
      return others.length > 0 || !isDeepStrictEqual(got, wanted);
    })
    .map(({ id }) => ({ resource: id, problem: 'expected a rule that is on and starts the reseal only, got another' }));

function isReseal(task: Readonly<Record<string, unknown>>, template: VaultTemplate): boolean {
  const payload = at(task.Parameters, 'Payload');
  return (
    task.Resource === 'arn:${AWS::Partition}:states:::lambda:invoke' &&
    at(task.Parameters, 'FunctionName') === aliasArn(template) &&
    ['step', 'receipt'].includes(String(at(payload, 'action'))) &&
    isDeepStrictEqual(payload, { action: at(payload, 'action'), 'run.$': '$$.Execution.Name' })
  );
}

function parse(definition: unknown): unknown {
  try {
    return JSON.parse(String(definition));
  } catch {
    return undefined;
  }
}

function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : [value as Readonly<Record<string, unknown>>];
  return [...own, ...members(value).flatMap(([, member]) => objectsIn(member))];
}
