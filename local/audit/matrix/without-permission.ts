import type { Decision, Policy } from '../../emulator/authorization';
import { listOf, type PolicyStatement } from '../../emulator/authorization/document';
import type { Request } from './cell';
import type { Principal } from './principals';

/** Decides on a request by a principal. */
export type Decide = (request: Request, principal: Principal) => Promise<Decision>;

/**
 * Returns a decider that leaves out the evaluation of requests that no statement can allow and none denies: IAM refuses
 * them implicitly. Most cells of a matrix are such, and an evaluation takes a millisecond.
 */
export function exceptWithoutPermission(decide: Decide): Decide {
  return (request, principal) =>
    isWithoutPermission(request, principal) ? Promise.resolve(refusal(request, principal)) : decide(request, principal);
}

/**
 * Returns whether no statement about a request's action can decide: none of the principal's policies has the action,
 * and the resource's policy has it, if at all, only for accounts, whose own policies then decide, or for others.
 */
function isWithoutPermission({ action, resourcePolicy, endpointPolicy }: Request, principal: Principal): boolean {
  const identity = [...principal.policies, principal.boundary].flatMap(statementsOf);
  if (identity.some((statement) => concerns(statement, action))) return false;
  const denies = [resourcePolicy, principal.inNetwork ? endpointPolicy : undefined].flatMap(statementsOf);
  if (denies.some((statement) => statement.Effect === 'Deny' && concerns(statement, action))) return false;
  return statementsOf(resourcePolicy).every(
    (statement) => !concerns(statement, action) || isForOthers(statement, principal),
  );
}

function statementsOf(policy: Policy | undefined): readonly PolicyStatement[] {
  return policy?.document.Statement ?? [];
}

const ACCOUNT = /^arn:[a-z-]+:iam::\d{12}:root$/;
const ROLE = /^arn:[a-z-]+:iam::\d{12}:role\/[^*?]+$/;

/** Returns whether a statement names accounts, services and other roles only. */
function isForOthers({ Principal }: PolicyStatement, { arn, roleArn }: Principal): boolean {
  if (typeof Principal !== 'object' || Principal === null) return false;
  return Object.entries(Principal).every(([kind, names]) => {
    if (kind === 'Service') return true;
    const isOther = (name: string): boolean => ACCOUNT.test(name) || (ROLE.test(name) && name !== roleArn && name !== arn); // prettier-ignore
    return kind === 'AWS' && listOf(names as string | readonly string[]).every(isOther);
  });
}

/** Returns whether a statement's actions include one; one that names all but some may. */
function concerns({ Action, NotAction }: PolicyStatement, action: string): boolean {
  return NotAction !== undefined || listOf(Action).some((pattern) => matches(pattern, action));
}

const PATTERNS = new Map<string, RegExp>();

function matches(pattern: string, action: string): boolean {
  const quoted = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const known = PATTERNS.get(pattern) ?? new RegExp(`^${quoted}$`, 'is');
  PATTERNS.set(pattern, known);
  return known.test(action);
}

function refusal({ action, resource, place }: Request, { arn, account }: Principal): Decision {
  const sameAccount = place === undefined || place.account === account;
  return { allowed: false, outcome: 'implicit deny', principal: arn, action, resource, sameAccount, kind: 'identity', by: [], parts: [] }; // prettier-ignore
}
