import { AuthorizationError } from '../errors';
import type { AwsAction, Operations, Place } from './call';
import { backupOperations } from './backup';
import { kmsOperations } from './kms';
import { lambdaOperations } from './lambda';
import { rdsOperations } from './rds';
import { rdsDbOperations } from './rds-db';
import { secretsManagerOperations } from './secretsmanager';
import { s3Operations } from './s3';
import { ssmOperations } from './ssm';
import { statesOperations } from './states';
import { stsOperations } from './sts';

export type { AwsAction, Place } from './call';

const SERVICES: Readonly<Record<string, Operations>> = {
  backup: backupOperations,
  kms: kmsOperations,
  secretsmanager: secretsManagerOperations,
  lambda: lambdaOperations,
  s3: s3Operations,
  ssm: ssmOperations,
  states: statesOperations,
  sts: stsOperations,
  rds: rdsOperations,
  'rds-db': rdsDbOperations,
};

/**
 * Returns the permissions that a call needs. All of them must be allowed: `ReEncrypt` and `GetParameters` need several.
 * Throws `OperationUnknown` if the operation isn't listed, so no unknown operation is allowed.
 *
 * @param service the signing name of the call: `backup`, `kms`, `secretsmanager`, `lambda`, `s3`, `ssm`, `states`, `sts`, `rds`, `rds-db`
 * @param operation the API's name: `Invoke`, not `InvokeFunction`; `connect` for `rds-db`, with `{ resourceId, user }`
 * @param input the call's parsed members by their API names, not yet validated
 */
export function awsActions(service: string, operation: string, input: unknown, place: Place): readonly AwsAction[] {
  const operations = Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined;
  const read = operations && Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (read === undefined) {
    const message = `expected an operation whose action is known, got ${JSON.stringify(`${service}:${operation}`)}`;
    throw new AuthorizationError('OperationUnknown', message);
  }
  return read(input, place);
}
