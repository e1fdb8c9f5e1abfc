import { AuthorizationError } from '../errors';
import type { AwsAction, Operations, Place } from './call';
import { kmsOperations } from './kms';
import { lambdaOperations } from './lambda';
import { rdsDbOperations } from './rds-db';
import { secretsManagerOperations } from './secretsmanager';
import { ssmOperations } from './ssm';
import { stsOperations } from './sts';

export type { AwsAction, Place } from './call';

const SERVICES: Readonly<Record<string, Operations>> = {
  kms: kmsOperations,
  secretsmanager: secretsManagerOperations,
  lambda: lambdaOperations,
  ssm: ssmOperations,
  sts: stsOperations,
  'rds-db': rdsDbOperations,
};

/**
 * What a call asks to be allowed: each has to be, `ReEncrypt` and `GetParameters` ask for more than one. Throws
 * `OperationUnknown` for what is not written down here, so that nothing passes for want of a name.
 *
 * @param service the name that the call is signed for: `kms`, `secretsmanager`, `lambda`, `ssm`, `sts`, `rds-db`
 * @param operation the API's name: `Invoke`, not `InvokeFunction`; `connect` for `rds-db`, with `{ resourceId, user }`
 * @param input the call's members by their API names, parsed, not yet validated
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
