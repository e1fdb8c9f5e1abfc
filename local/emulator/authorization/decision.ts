/** The kinds of policy that IAM evaluates. `resource` is the policy of a key, function or secret, or a trust policy. */
export type PolicyKind = 'identity' | 'boundary' | 'resource' | 'endpoint' | 'service control';

/** Identifies a statement. */
export interface StatementPlace {
  readonly kind: PolicyKind;
  /** the policy's name */
  readonly policy: string;
  /** its Sid, or its position in the policy: `#1` */
  readonly statement: string;
}

/** The evaluation of one statement. */
export interface StatementPart {
  /** its Sid, or its position in the policy: `#1` */
  readonly statement: string;
  readonly effect: 'Allow' | 'Deny';
  readonly matches: boolean;
  /** the elements that don't match: `action`, `resource`, `principal`, or a condition with the request's value */
  readonly misses: readonly string[];
}

/** The evaluation of one policy. `trusts the account` means that identity policies decide. */
export interface PolicyPart {
  readonly kind: PolicyKind;
  readonly policy: string;
  readonly verdict: 'allows' | 'trusts the account' | 'denies' | 'allows nothing';
  readonly statements: readonly StatementPart[];
}

/** The decision that IAM would make, with its reasons. */
export interface Decision {
  readonly allowed: boolean;
  readonly outcome: 'allowed' | 'explicit deny' | 'implicit deny';
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** whether the principal's account owns the resource */
  readonly sameAccount: boolean;
  /** the kind of policy that denies, or that lacks the allow; undefined if the request is allowed */
  readonly kind: PolicyKind | undefined;
  /** the statements that allow or deny, first the one that AWS would name; empty for an implicit deny */
  readonly by: readonly StatementPlace[];
  /** every evaluated policy, in the order of `KINDS` */
  readonly parts: readonly PolicyPart[];
}

/** The order of precedence: if several kinds deny, AWS names the first. */
export const KINDS: readonly PolicyKind[] = ['service control', 'endpoint', 'resource', 'boundary', 'identity'];
