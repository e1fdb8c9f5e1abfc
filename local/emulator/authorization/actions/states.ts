import * as v from 'valibot';
import { type Operations, type ReadActions, NAME, readMembers } from './call';

const MACHINE = v.object({ stateMachineArn: v.pipe(NAME, v.startsWith('arn:')) });
const EXECUTION = v.object({ executionArn: v.pipe(NAME, v.startsWith('arn:')) });

export const statesOperations: Operations = {
  ...Object.fromEntries(
    ['StartExecution', 'ListExecutions', 'DescribeStateMachine'].map((operation) => [operation, onMachine(operation)]),
  ),
  ...Object.fromEntries(['StopExecution', 'DescribeExecution'].map((operation) => [operation, onExecution(operation)])),
};

function onMachine(operation: string): ReadActions {
  return (input) => [
    { action: `states:${operation}`, resource: readMembers(MACHINE, input).stateMachineArn, facts: {} },
  ];
}

function onExecution(operation: string): ReadActions {
  return (input) => [
    { action: `states:${operation}`, resource: readMembers(EXECUTION, input).executionArn, facts: {} },
  ];
}
