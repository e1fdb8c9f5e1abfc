import type {
  AuthorizationRequest,
  Policies,
  PolicyStatement,
  Principal,
} from '../../../../local/emulator/authorization';
import { Policy, callContext, decide } from '../../../../local/emulator/authorization';

export const ACCOUNT = '111111111111';
export const OTHER_ACCOUNT = '222222222222';
export const REGION = 'eu-central-1';
export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
export const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-0000-0000-000000000000`;
export const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:share-vault-dev-unseal`;
export const ALIAS = `${FUNCTION}:backend`;
export const SECRET = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:webhook-AbCdEf`;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/vault/Unseal`;
export const CALLER = session('vault/Unseal');
export const STRANGER = session('Unseal', OTHER_ACCOUNT);

/** A session of a role. The session's ARN doesn't include the role's path. */
export function session(role: string, account = ACCOUNT): Principal {
  const name = role.slice(role.lastIndexOf('/') + 1);
  return {
    arn: `arn:aws:sts::${account}:assumed-role/${name}/session`,
    roleArn: `arn:aws:iam::${account}:role/${role}`,
    account,
  };
}

/** Returns a policy with this name and these statements. */
export function policy(name: string, ...statements: readonly Partial<PolicyStatement>[]): Policy {
  return Policy.read(name, {
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
  });
}

/** Returns a statement on everything, except for the given members. */
export function on(action: string, more: Partial<PolicyStatement> = {}): Partial<PolicyStatement> {
  return { Action: action, Resource: '*', ...more };
}

/** Returns the same statement for a resource policy. */
export function of(principal: string, action: string, more: Partial<PolicyStatement> = {}): Partial<PolicyStatement> {
  return on(action, { Principal: { AWS: principal }, ...more });
}

export function decrypt(context: AuthorizationRequest['context'] = {}): AuthorizationRequest {
  const facts = { principal: CALLER, action: 'kms:Decrypt', region: REGION };
  return { principal: CALLER, action: 'kms:Decrypt', resource: KEY, context: { ...callContext(facts), ...context } };
}

export function invoke(principal: Principal, resource = ALIAS): AuthorizationRequest {
  const action = 'lambda:InvokeFunction';
  return { principal, action, resource, context: callContext({ principal, action, region: REGION }) };
}

/** Returns policies for a resource in the principal's account. */
export function under(policies: Partial<Policies>): Policies {
  return { identity: [], resourceAccount: ACCOUNT, ...policies };
}

export async function outcome(request: AuthorizationRequest, policies: Policies): Promise<string> {
  const decision = await decide(request, policies);
  return [decision.outcome, decision.kind ?? decision.by.map(({ policy, statement }) => `${policy}/${statement}`)].join(
    ': ',
  );
}
