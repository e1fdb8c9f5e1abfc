import type { Decision, PolicyKind, PolicyPart, StatementPart } from './decision';
import { assumesRole } from './decide';

const NOUNS: Readonly<Record<PolicyKind, string>> = {
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  resource: 'resource-based policy',
  endpoint: 'VPC endpoint policy',
  'service control': 'service control policy',
};

/** KMS's message to another account. It doesn't reveal if the key exists. */
const CROSS_ACCOUNT_KMS =
  'the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access';

/**
 * Returns the message of AWS's `AccessDeniedException` (IAM user guide, "Troubleshoot access denied error messages").
 * Adds in brackets the statement that denies, or the statement that is nearest to an allow; AWS leaves these out.
 * Throws `TypeError` if the request is allowed.
 */
export function message(decision: Decision): string {
  const { principal, action, resource } = decision;
  return `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${reason(decision)}${hint(decision)}`;
}

/** Returns `with an explicit deny in …` or `because no … allows the … action`. */
export function reason(decision: Decision): string {
  const { action, kind, outcome, sameAccount } = decision;
  if (kind === undefined) throw new TypeError('expected a decision that denies, got one that allows');
  if (action.startsWith('kms:') && kind === 'resource' && !sameAccount) return `because ${CROSS_ACCOUNT_KMS}`;
  const trust = kind === 'resource' && assumesRole(decision);
  const noun = trust ? 'role trust policy' : NOUNS[kind];
  if (outcome === 'explicit deny') return `with an explicit deny in ${trust ? 'the' : article(noun)} ${noun}`;
  return `because no ${noun} allows the ${action} action`;
}

function hint(decision: Decision): string {
  const [first] = decision.by;
  if (first !== undefined) return ` (${first.policy}, statement ${first.statement})`;
  const near = nearest(decision.parts.filter(({ kind }) => kind === decision.kind));
  return near === undefined ? '' : ` (nearest: ${near.policy}, statement ${near.statement}: ${near.misses})`;
}

interface NearestStatement {
  readonly policy: string;
  readonly statement: string;
  readonly misses: string;
}

/** Returns the `Allow` statement for the same action with the fewest elements that don't match. */
function nearest(parts: readonly PolicyPart[]): NearestStatement | undefined {
  const candidates = parts.flatMap(({ policy, statements }) =>
    statements.filter(couldAllow).map(({ statement, misses }) => ({ policy, statement, misses })),
  );
  const [best] = candidates.sort((one, other) => one.misses.length - other.misses.length);
  return best && { ...best, misses: best.misses.join('; ') };
}

function couldAllow({ effect, misses }: StatementPart): boolean {
  return effect === 'Allow' && misses.length > 0 && !misses.includes('action');
}

function article(noun: string): 'a' | 'an' {
  return /^[aeio]/.test(noun) ? 'an' : 'a';
}
