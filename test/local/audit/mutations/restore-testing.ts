import { add } from '../../../support/mutate';
import type { Defect } from './defect';

const MACHINE = 'VaultRestoreTestingMachine';
const ROLE = 'VaultRestoreTestingMachineRole';
const times = (count: number, resource: string): readonly string[] => Array.from({ length: count }, () => resource);

/** Defects of restore tests, which this template lacks: test/local/audit/checks.test.ts has each other one. */
export const RESTORE_TESTING_DEFECTS: readonly Defect[] = [
  {
    defect: 'a state machine of restore tests makes no call',
    mutation: add(MACHINE, 'AWS::StepFunctions::StateMachine', { RoleArn: `\${${ROLE}.Arn}` }),
    caughtBy: { machineTestsRestoresOnly: times(8, MACHINE) },
  },
  {
    defect: 'every state machine may use the role of restore tests',
    mutation: add(ROLE, 'AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'states.amazonaws.com' } }],
      },
    }),
    // nor does it have a permission
    caughtBy: { restoreRoleServesOneMachine: [ROLE], rolesMayNoLess: times(14, ROLE) },
  },
];
