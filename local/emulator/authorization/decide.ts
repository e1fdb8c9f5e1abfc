import type { RequestAnalysis } from '@cloud-copilot/iam-simulate';
import { type Decision, type PolicyKind, type PolicyPart, type StatementPlace, KINDS } from './decision';
import { AuthorizationError } from './errors';
import { partsOf } from './parts';
import { type AuthorizationRequest, type Policies, isService } from './request';
import { simulate } from './simulate';

/**
 * Returns the decision that IAM would make. Throws `AuthorizationError` if the request can't be decided: the action
 * doesn't have a condition key, AWS would reject a policy, a role has no trust policy, or the simulator isn't
 * installed.
 */
export async function decide(request: AuthorizationRequest, policies: Policies): Promise<Decision> {
  // without a trust policy, the simulator would allow the request by identity policies only
  if (assumesRole(request) && policies.resource === undefined) {
    throw new AuthorizationError('RequestInvalid', `${request.action}: expected the role's trust policy, got none`);
  }
  const analysis = await simulate(request, policies);
  const parts = partsOf(analysis, policies);
  const allowed = analysis.result === 'Allowed';
  const denies = allowed ? [] : placesOf(parts, 'Deny');
  return {
    allowed,
    outcome: allowed ? 'allowed' : denies.length > 0 ? 'explicit deny' : 'implicit deny',
    principal: request.principal.arn,
    action: request.action,
    resource: request.resource,
    sameAccount: analysis.sameAccount,
    kind: allowed ? undefined : (denies[0]?.kind ?? implicitDenyKind(request, analysis, parts)),
    by: allowed ? placesOf(parts, 'Allow') : denies,
    parts,
  };
}

/** Returns true if the resource's policy is a role's trust policy. */
export function assumesRole({ action }: { readonly action: string }): boolean {
  return /^sts:(AssumeRole|TagSession|SetSourceIdentity)/i.test(action);
}

function placesOf(parts: readonly PolicyPart[], effect: 'Allow' | 'Deny'): readonly StatementPlace[] {
  return parts.flatMap(({ kind, policy, statements }) =>
    statements
      .filter((statement) => statement.matches && statement.effect === effect)
      .map(({ statement }) => ({ kind, policy, statement })),
  );
}

const BLOCKERS: Readonly<Record<string, PolicyKind>> = { scp: 'service control', vpce: 'endpoint', pb: 'boundary' };

/** Returns the kind of policy that lacks the allow, for an implicit deny. */
function implicitDenyKind(
  request: AuthorizationRequest,
  { blockedBy = [], sameAccount }: RequestAnalysis,
  parts: readonly PolicyPart[],
): PolicyKind {
  const blockers = blockedBy.map((reason) => BLOCKERS[reason]);
  const blocker = KINDS.find((kind) => blockers.includes(kind));
  if (blocker !== undefined) return blocker;
  if (isService(request.principal)) return 'resource';
  const hasVerdict = (kind: PolicyKind, ...verdicts: readonly PolicyPart['verdict'][]): boolean =>
    parts.some((part) => part.kind === kind && verdicts.includes(part.verdict));
  if (!sameAccount) return hasVerdict('identity', 'allows') ? 'resource' : 'identity';
  // identity policies have no effect if the key policy or the trust policy doesn't trust the account
  const needsTrust = request.action.startsWith('kms:') || assumesRole(request);
  return needsTrust && request.resource !== '*' && !hasVerdict('resource', 'trusts the account')
    ? 'resource'
    : 'identity';
}
