import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { type Finding, ok, problem, unknown } from './finding';
import { printable } from '../printable';
import { type Read, hasValue, isMissing } from './read';
import { OPERATIONS, type OperationName, type Vault, publishedAt } from './vault';

const DEPLOY = 'deploy the vault again, and look at the events of its stack';

/** Checks that each function exists, is active, in a VPC, and has its environment under a key of its own. */
export function checkFunctions(vault: Vault): readonly Finding[] {
  const hasWebhook = publishedAt(vault, 'webhook/url') !== undefined;
  return OPERATIONS.flatMap((operation) => {
    const read = vault.functions.get(operation);
    if (read === undefined || (operation === 'receive' && !hasWebhook)) return [];
    return [checkFunction(operation, read)];
  });
}

function checkFunction(operation: OperationName, read: Read<FunctionConfiguration>): Finding {
  const check = `function ${operation}`;
  if (!hasValue(read))
    return isMissing(read.error) ? problem(check, 'does not exist', DEPLOY) : unknown(check, read.reason);
  const { value } = read;
  const faults = faultsOf(value);
  if (faults.length > 0) return problem(check, faults.join(', '), DEPLOY);
  return ok(check, printable(`active, ${value.Runtime ?? 'no runtime'}, VPC, own key`));
}

function faultsOf(configuration: FunctionConfiguration): readonly string[] {
  const { State, LastUpdateStatus, VpcConfig, KMSKeyArn, Environment } = configuration;
  return [
    ...(State === undefined || State === 'Active' || State === 'Inactive' ? [] : [`state ${printable(State)}`]),
    ...(LastUpdateStatus === 'Failed' ? ['its last update failed'] : []),
    ...(VpcConfig?.VpcId ? [] : ['outside of any VPC']),
    ...(KMSKeyArn ? [] : ["environment under AWS's own key"]),
    ...(Environment?.Error ? ['its environment can not be decrypted'] : []),
  ];
}
