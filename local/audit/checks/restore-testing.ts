import type { Check } from './finding';
import { objectsIn, parse } from './json-in';
import { trustBeyond } from './machine-role';
import { type VaultTemplate, at, ofType } from './template';

const MACHINE = 'VaultRestoreTestingMachine';
const ROLE = 'VaultRestoreTestingMachineRole';
const PLACE = '${AWS::Region}:${AWS::AccountId}';
/** The calls that a test may make. It changes no data, takes no snapshot and deletes no cluster. */
const CALLS = [
  'backup:describeRestoreJob',
  'backup:putRestoreValidationResult',
  'rds:createDBInstance',
  'rds:deleteDBInstance',
  'rds:describeDBClusters',
  'rds:describeDBInstances',
  'rds:modifyDBCluster',
].map((call) => `arn:\${AWS::Partition}:states:::aws-sdk:${call}`);

/** Returns whether a vault tests its restores. */
export function testsRestores(template: VaultTemplate): boolean {
  return ofType(template, 'AWS::Backup::RestoreTestingPlan').length > 0;
}

export const restoreMachineArn = ({ environment }: VaultTemplate): string =>
  `arn:\${AWS::Partition}:states:${PLACE}:stateMachine:share-vault-${environment}-restore-test`;

/** The machine makes the reviewed calls only, and lets one function check; it ends what it began. */
export const machineTestsRestoresOnly: Check = (template) =>
  ofType(template, 'AWS::StepFunctions::StateMachine')
    .filter(({ id }) => id === MACHINE)
    .flatMap(({ id, properties }) => {
      const tasks = objectsIn(parse(at(properties, 'DefinitionString'))).filter((state) => state.Type === 'Task');
      const alias = `arn:\${AWS::Partition}:lambda:${PLACE}:function:share-vault-${template.environment}-restore-check:check`;
      const called = tasks.map(({ Resource, Parameters }) =>
        at(Parameters, 'FunctionName') === undefined ? Resource : at(Parameters, 'FunctionName'),
      );
      const problems = [
        ...(at(properties, 'RoleArn') === `\${${ROLE}.Arn}`
          ? []
          : ['expected the role that tests restores, got another one']),
        ...called
          .filter((each) => each !== alias && !CALLS.includes(String(each)))
          .map((each) => `expected reviewed calls, got ${String(each)}`),
        ...[alias, ...CALLS]
          .filter((each) => !called.includes(each))
          .map((each) => `expected a call of ${each}, got none`),
      ];
      return problems.map((problem) => ({ resource: id, problem }));
    });

/** Another state machine with this role could make instances of restored clusters. */
export const restoreRoleServesOneMachine: Check = (template) =>
  trustBeyond(template, ROLE, restoreMachineArn(template));
