/** The kinds of policy that have a say; `resource` is a key's, a function's or a secret's own, or a role's trust policy. */
export type PolicyKind = 'identity' | 'boundary' | 'resource' | 'endpoint' | 'service control';

/** Where a statement stands. */
export interface StatementPlace {
  readonly kind: PolicyKind;
  /** the policy's name */
  readonly policy: string;
  /** its Sid, or its place in the policy: `#1` */
  readonly statement: string;
}

/** What became of one statement. */
export interface StatementPart {
  /** its Sid, or its place in the policy: `#1` */
  readonly statement: string;
  readonly effect: 'Allow' | 'Deny';
  readonly matches: boolean;
  /** What of it doesn't fit the request: `action`, `resource`, `principal`, or a condition with what came. */
  readonly misses: readonly string[];
}

/** What one policy had to say. `trusts the account` leaves it to identity policies. */
export interface PolicyPart {
  readonly kind: PolicyKind;
  readonly policy: string;
  readonly verdict: 'allows' | 'trusts the account' | 'denies' | 'allows nothing';
  readonly statements: readonly StatementPart[];
}

/** What IAM would decide, and why. */
export interface Decision {
  readonly allowed: boolean;
  readonly outcome: 'allowed' | 'explicit deny' | 'implicit deny';
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** whether the principal's account owns the resource */
  readonly sameAccount: boolean;
  /** the kind of policy that denies, or that should have allowed; undefined where the request is allowed */
  readonly kind: PolicyKind | undefined;
  /** what decided: statements that allow, or that deny, the one that AWS would name first; none in an implicit deny */
  readonly by: readonly StatementPlace[];
  /** every policy that was heard, in the order in which it counts */
  readonly parts: readonly PolicyPart[];
}

/** The order in which AWS would name one of several that deny. */
export const KINDS: readonly PolicyKind[] = ['service control', 'endpoint', 'resource', 'boundary', 'identity'];
