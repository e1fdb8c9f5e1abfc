import { GetFunctionConfigurationCommand, GetPolicyCommand } from '@aws-sdk/client-lambda';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import { RESEAL_ALIAS } from '../../../lambda/contract/reseal-alias';
import { parseObject } from '../json';
import { printable } from '../printable';
import { type Finding, ok, problem, unknown } from './finding';
import { hasValue, isMissing, read } from './read';
import type { Vault } from './vault';

const DEPLOY = 'deploy the vault again, and look at the events of its stack';
const START = 'share-vault reseal status --failures; then share-vault reseal start';

/** Checks the reseal: its function, who may invoke it, and how its last run ended. A vault with a body store has none. */
export async function checkReseal(vault: Vault): Promise<readonly Finding[]> {
  const unseal = vault.functions.get('unseal');
  const variables = unseal && hasValue(unseal) ? unseal.value.Environment?.Variables : undefined;
  if (variables?.[ELSEWHERE_ENV.bodyStore] !== undefined) return [];
  const FunctionName = `share-vault-${vault.environment}-reseal`;
  const call = () => vault.clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const configured = await read('lambda:GetFunctionConfiguration', call);
  if (!hasValue(configured)) {
    const check = 'reseal: function';
    return [isMissing(configured.error) ? problem(check, 'does not exist', DEPLOY) : unknown(check, configured.reason)];
  }
  const { State, LastUpdateStatus, FunctionArn = '' } = configured.value;
  const isWhole = LastUpdateStatus !== 'Failed' && [undefined, 'Active', 'Inactive'].includes(State);
  const state = isWhole
    ? ok('reseal: function', 'active')
    : problem('reseal: function', printable(`state ${State ?? 'unknown'}, last update ${LastUpdateStatus ?? 'unknown'}`), DEPLOY); // prettier-ignore
  return [state, await checkInvokers(vault, FunctionName), await checkLastRun(vault, FunctionArn)];
}

/** The role of the state machine has its right from its own policy: a resource policy would name somebody else. */
async function checkInvokers({ clients: { lambda } }: Vault, FunctionName: string): Promise<Finding> {
  const check = 'reseal: no one else may invoke it';
  for (const Qualifier of [undefined, RESEAL_ALIAS]) {
    const call = () => lambda.send(new GetPolicyCommand({ FunctionName, Qualifier }));
    const found = await read('lambda:GetPolicy', call);
    if (!hasValue(found)) {
      if (isMissing(found.error)) continue;
      return unknown(check, found.reason);
    }
    const { Statement } = parseObject(found.value.Policy ?? '');
    if (Array.isArray(Statement) && Statement.length === 0) continue;
    return problem(
      check,
      `a resource policy lets ${Qualifier === undefined ? 'the function' : `the alias ${Qualifier}`} be invoked`,
      'aws lambda remove-permission, and find out who added it (CloudTrail: AddPermission)',
    );
  }
  return ok(check, 'no resource policy');
}

/** A run that failed left records under former material; the alarm of a former day may be over. */
async function checkLastRun({ clients: { sfn } }: Vault, functionArn: string): Promise<Finding> {
  const check = 'reseal: last run';
  const stateMachineArn = functionArn.replace(/^(arn:[^:]+):lambda:([^:]*:[^:]*):function:(.*)$/, '$1:states:$2:stateMachine:$3'); // prettier-ignore
  const call = () => sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }));
  const listed = await read('states:ListExecutions', call);
  if (!hasValue(listed)) {
    return listed.error === 'StateMachineDoesNotExist'
      ? problem(check, 'the state machine does not exist', DEPLOY)
      : unknown(check, listed.reason);
  }
  const [last] = listed.value.executions ?? [];
  if (last === undefined) return ok(check, 'none in 90 days');
  const { status = 'unknown', stopDate, startDate } = last;
  const found = printable(`${status}, ${(stopDate ?? startDate)?.toISOString() ?? 'at an unknown time'}`);
  return ['SUCCEEDED', 'RUNNING'].includes(status) ? ok(check, found) : problem(check, found, START);
}
