import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Principal, Session } from '../signature';
import { AwsError } from './errors';
import { actionOf, isQuery, queryError, queryResult } from './query-protocol';
import { accessKeyIdOf, readBody, signingNameOf } from './request';
import type { AwsCall, AwsResponse, AwsService } from './service';
import type { WebIdentityIssuer } from './web-identity';
import { readTokenForm, requireTokenRequest } from './web-identity-request';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

type Caller = Pick<Session, 'principal' | 'expiresAt'>;

/**
 * Emulates `GetCallerIdentity` and `GetWebIdentityToken` of AWS STS. Every other operation is refused: the running vault
 * creates the sessions.
 *
 * @param callerOf returns the session of an access key; undefined if the key is unknown
 * @param issuer signs web identity tokens; without one, outbound web identity federation is disabled, as it is in a new
 * account
 */
export function createSts(
  callerOf: (accessKeyId: string) => Caller | undefined,
  issuer?: WebIdentityIssuer,
): AwsService {
  const errorResponse = (error: AwsError): AwsResponse => queryError(error, NAMESPACE);
  return {
    signingName: 'sts',
    protocol: 'query',
    // an unsigned form is for this service too, the only one here with this protocol
    matches: (request) => (isQuery(request) && (signingNameOf(request) ?? 'sts') === 'sts') || isUrlCall(request),
    readBody,
    readCall: (request, body) => {
      const operation = actionOf(isUrlCall(request) ? Buffer.from(queryOf(request)) : body);
      const accessKeyId = accessKeyIdOf(request);
      if (accessKeyId === undefined) throw missingToken();
      if (operation === 'GetWebIdentityToken') return { operation, input: readTokenForm(body), accessKeyId };
      if (operation !== 'GetCallerIdentity') throw unknown(operation);
      return { operation, input: {}, accessKeyId };
    },
    respond: (call, ended) => {
      const result = resultOf(call, callerOf(call.accessKeyId), issuer);
      ended(result instanceof AwsError ? result.name : 'ok');
      return Promise.resolve(
        result instanceof AwsError ? errorResponse(result) : queryResult(call.operation, result, NAMESPACE),
      );
    },
    errorResponse,
  };
}

/** A call in the URL, the form in which Google Cloud and others replay a signed `GetCallerIdentity`. */
function isUrlCall(request: IncomingMessage): boolean {
  return signingNameOf(request) === 'sts' && request.method === 'POST' && queryOf(request).startsWith('Action=');
}

function queryOf({ url = '' }: IncomingMessage): string {
  return url.split('?')[1] ?? '';
}

type Members = Readonly<Record<string, string>>;

function resultOf(
  { operation, input }: AwsCall,
  caller: Caller | undefined,
  issuer: WebIdentityIssuer | undefined,
): Members | AwsError {
  if (caller === undefined) {
    return new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
  }
  try {
    return operation === 'GetCallerIdentity' ? identityOf(caller.principal) : tokenOf(input, caller, issuer);
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

/** Throws `AwsError` under the names that the model of the official clients has. */
function tokenOf(input: unknown, { principal, expiresAt }: Caller, issuer: WebIdentityIssuer | undefined): Members {
  const { Audience: audience, DurationSeconds: seconds } = requireTokenRequest(input);
  if (issuer === undefined) {
    const message = 'Outbound web identity federation is not enabled for this account';
    throw new AwsError('OutboundWebIdentityFederationDisabledException', message, 403);
  }
  const { token, expiration } = issuer.issue({ principal, audience, seconds });
  if (expiration.getTime() > expiresAt) {
    throw new AwsError('SessionDurationEscalationException', 'The token would outlive its session', 403);
  }
  return { WebIdentityToken: token, Expiration: expiration.toISOString() };
}

function missingToken(): AwsError {
  return new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
}

function unknown(operation: string): AwsError {
  const message = `Could not find operation ${operation || '(none)'} for version 2011-06-15: the local STS has GetCallerIdentity and GetWebIdentityToken only`;
  return new AwsError('InvalidAction', message);
}

function identityOf({ arn, roleArn, account }: Principal): Members {
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
