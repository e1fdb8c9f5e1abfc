import { createHash } from 'node:crypto';
import type { Principal } from '../signature';
import { AwsError } from './errors';
import { actionOf, isQuery, queryError, queryResult } from './query-protocol';
import { accessKeyIdOf, readBody, signingNameOf } from './request';
import type { AwsResponse, AwsService } from './service';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * Emulates AWS STS's `GetCallerIdentity`. Every other operation is refused: the running vault creates the sessions.
 *
 * @param principalOf returns the principal of an access key; undefined if the key is unknown
 */
export function createSts(principalOf: (accessKeyId: string) => Principal | undefined): AwsService {
  const errorResponse = (error: AwsError): AwsResponse => queryError(error, NAMESPACE);
  return {
    signingName: 'sts',
    protocol: 'query',
    // an unsigned form is for this service too, the only one here with this protocol
    matches: (request) => isQuery(request) && (signingNameOf(request) ?? 'sts') === 'sts',
    readBody,
    readCall: (request, body) => {
      const operation = actionOf(body);
      const accessKeyId = accessKeyIdOf(request);
      if (accessKeyId === undefined) throw missingToken();
      if (operation !== 'GetCallerIdentity') throw unknown(operation);
      return { operation, input: {}, accessKeyId };
    },
    respond: ({ operation, accessKeyId }, ended) => {
      const principal = principalOf(accessKeyId);
      ended(principal === undefined ? 'InvalidClientTokenId' : 'ok');
      return Promise.resolve(
        principal === undefined
          ? errorResponse(new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403)) // prettier-ignore
          : queryResult(operation, identityOf(principal), NAMESPACE),
      );
    },
    errorResponse,
  };
}

function missingToken(): AwsError {
  return new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
}

function unknown(operation: string): AwsError {
  const message = `Could not find operation ${operation || '(none)'} for version 2011-06-15: the local STS has GetCallerIdentity only`;
  return new AwsError('InvalidAction', message);
}

function identityOf({ arn, roleArn, account }: Principal): Readonly<Record<string, string>> {
  const session = /:assumed-role\/[^/]+\/(.+)$/.exec(arn)?.[1];
  return {
    Arn: arn,
    UserId: session === undefined ? account : `${roleIdOf(roleArn)}:${session}`,
    Account: account,
  };
}

/** Returns a role's unique id in AWS's form. It depends only on the role's ARN, so that it is the same at each start. */
function roleIdOf(roleArn: string): string {
  const digest = createHash('sha256').update(roleArn).digest();
  return `AROA${Array.from(digest.subarray(0, 17), (byte) => BASE32.charAt(byte & 31)).join('')}`;
}
