import type { Context } from './document';
import { AuthorizationError } from './errors';
import type { Policy } from './policy';
import { requireSent } from './service-principals';

/** The caller. */
export interface Principal {
  /** the ARN of a role's session, a user, or the account's root; `NAME.amazonaws.com` for a service principal */
  readonly arn: string;
  /** the ARN of the session's role, including its path; otherwise the same as `arn` */
  readonly roleArn: string;
  /** 12 digits */
  readonly account: string;
}

export interface AuthorizationRequest {
  readonly principal: Principal;
  /** `kms:Decrypt` */
  readonly action: string;
  /** an ARN, or `*` for an action without a resource */
  readonly resource: string;
  /** condition key → value or values, as `callContext` returns it */
  readonly context: Context;
}

/** All policies that apply to a request. */
export interface Policies {
  /** the principal's managed and inline policies; empty for a service */
  readonly identity: readonly Policy[];
  /** the principal's permissions boundary @default - none */
  readonly boundary?: Policy | undefined;
  /** the policy of the key, function alias or secret, or the role's trust policy @default - none */
  readonly resource?: Policy | undefined;
  /** 12 digits: the account that owns the resource */
  readonly resourceAccount: string;
  /** the policy of the VPC endpoint that the call goes through @default - the call goes through no endpoint */
  readonly endpoint?: Policy | undefined;
  /** the service control policies of the principal's account, including `FULL_AWS_ACCESS` @default - no organization */
  readonly serviceControl?: readonly Policy[] | undefined;
}

const ACTION = /^[a-z][a-z0-9-]*:[A-Za-z0-9]+$/;

/** Returns true if the principal is a service that calls on its own behalf. */
export function isService({ arn }: Principal): boolean {
  return /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(arn);
}

/** Throws `RequestInvalid` if the simulator would evaluate anything else than exactly this one request. */
export function checkRequest(request: AuthorizationRequest, { resourceAccount }: Policies): void {
  const { principal, action, resource, context } = request;
  if (!ACTION.test(action)) throw invalid(`expected an action as service:Name, got ${JSON.stringify(action)}`);
  // with a wildcard, the simulator would evaluate every resource that matches it
  if (resource !== '*' && (!resource.startsWith('arn:') || /[*?]/.test(resource))) {
    throw invalid(`${action}: expected one ARN or *, got ${JSON.stringify(resource)}`);
  }
  const account = accountOf(resource);
  if (account !== undefined && account !== resourceAccount) {
    throw invalid(`${action}: expected the account that the resource's ARN names, got ${resourceAccount}`);
  }
  if (!isConsistent(principal)) {
    throw invalid(`${action}: expected a session with the ARN of its own role and account, got ${principal.arn}`);
  }
  const names = Object.keys(context).map((name) => name.toLowerCase());
  if (new Set(names).size !== names.length) {
    throw invalid(`${action}: expected condition keys that differ in more than case, got some that don't`);
  }
  if (isService(principal)) requireSent(principal.arn, action, Object.keys(context));
}

/** Returns true if `arn`, `roleArn` and `account` belong together: policies match the session, conditions the role. */
function isConsistent(principal: Principal): boolean {
  const { arn, roleArn, account } = principal;
  if (isService(principal)) return true;
  if (accountOf(arn) !== account || accountOf(roleArn) !== account) return false;
  const name = /:assumed-role\/([^/]+)\/[^/]+$/.exec(arn)?.[1];
  return name === undefined ? roleArn === arn : roleArn.includes(':role/') && roleArn.endsWith(`/${name}`);
}

/** Returns the account in an ARN; undefined if the ARN has none. */
export function accountOf(arn: string): string | undefined {
  return /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1];
}

function invalid(message: string): AuthorizationError {
  return new AuthorizationError('RequestInvalid', message);
}
