import type { Context } from './document';
import { AuthorizationError } from './errors';
import type { Policy } from './policy';
import { requireSent } from './service-principals';

/** Who calls. */
export interface Principal {
  /** of the role's session, the user, or the account's root; `NAME.amazonaws.com` for a service by itself */
  readonly arn: string;
  /** of the role behind the session, paths included; otherwise the same as `arn` */
  readonly roleArn: string;
  /** 12 digits */
  readonly account: string;
}

export interface AuthorizationRequest {
  readonly principal: Principal;
  /** `kms:Decrypt` */
  readonly action: string;
  /** an ARN, or `*` for an action that is about none */
  readonly resource: string;
  /** condition key → value or values, as `callContext` makes it */
  readonly context: Context;
}

/** Every policy that has a say in a request. */
export interface Policies {
  /** attached to the principal, managed and inline; none for a service */
  readonly identity: readonly Policy[];
  /** of the principal @default - none */
  readonly boundary?: Policy | undefined;
  /** the key's, the function alias's, the secret's own policy, or the role's trust policy @default - none */
  readonly resource?: Policy | undefined;
  /** 12 digits: the account that owns the resource */
  readonly resourceAccount: string;
  /** of the VPC endpoint that the call passes @default - it passes none */
  readonly endpoint?: Policy | undefined;
  /** attached above the principal's account, `FULL_AWS_ACCESS` among them @default - no organization */
  readonly serviceControl?: readonly Policy[] | undefined;
}

const ACTION = /^[a-z][a-z0-9-]*:[A-Za-z0-9]+$/;

/** A service that calls by itself, for nobody. */
export function isService({ arn }: Principal): boolean {
  return /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(arn);
}

/** Throws `RequestInvalid` on what would be read as more, or as less, than one request. */
export function checkRequest(request: AuthorizationRequest, { resourceAccount }: Policies): void {
  const { principal, action, resource, context } = request;
  if (!ACTION.test(action)) throw invalid(`expected an action as service:Name, got ${JSON.stringify(action)}`);
  // a wildcard in a request is taken for the question whether anything that fits is allowed
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

/** Policies are compared with the session, conditions with the role: both have to be the same one's. */
function isConsistent(principal: Principal): boolean {
  const { arn, roleArn, account } = principal;
  if (isService(principal)) return true;
  if (accountOf(arn) !== account || accountOf(roleArn) !== account) return false;
  const name = /:assumed-role\/([^/]+)\/[^/]+$/.exec(arn)?.[1];
  return name === undefined ? roleArn === arn : roleArn.includes(':role/') && roleArn.endsWith(`/${name}`);
}

/** The account that an ARN names; undefined where it names none. */
export function accountOf(arn: string): string | undefined {
  return /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1];
}

function invalid(message: string): AuthorizationError {
  return new AuthorizationError('RequestInvalid', message);
}
