import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { type PolicyStatement, policyDocument } from '../template/policy-document';
import { type PolicyDocument, VERSION, textsIn } from './document';
import { AuthorizationError } from './errors';

/** Matches `${key}` and `${key, 'default'}`, and also the escapes `${*}`, `${?}` and `${$}`. */
const VARIABLE = /\$\{([^},]*)[^}]*\}/g;

const OPERATORS: readonly string[] = [
  ...['String', 'Numeric', 'Date', 'Arn'].flatMap((type) => [`${type}Equals`, `${type}NotEquals`]),
  ...['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike', 'StringNotLike', 'ArnLike', 'ArnNotLike'],
  ...['Numeric', 'Date'].flatMap((type) =>
    ['LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map((comparison) => `${type}${comparison}`),
  ),
  ...['Bool', 'BinaryEquals', 'IpAddress', 'NotIpAddress'],
];

const OPERATOR = new RegExp(`^((ForAllValues|ForAnyValue):)?(${OPERATORS.join('|')})(IfExists)?$`, 'i');

/** A named policy. Its document is an immutable copy, so its digest stays valid and can be a part of cache keys. */
export class Policy {
  private constructor(
    /** the policy's name, or the logical id of its resource */
    public readonly name: string,
    public readonly document: PolicyDocument,
    /** SHA-256 of the name and the document */
    public readonly digest: string,
    private readonly keys: ReadonlySet<string>,
  ) {
    Object.freeze(this);
  }

  /** Reads a document with resolved references. Throws `PolicyInvalid` if AWS would reject it. */
  static read(name: string, value: unknown): Policy {
    const read = v.safeParse(policyDocument, value);
    if (!read.success) throw invalid(name, problemOf(read.issues));
    const { Version, Statement } = read.output;
    Statement.forEach((statement, index) => requireEvaluable(name, statement, index));
    const statements = structuredClone(Statement);
    const document = deepFreeze({ Version, Statement: statements }) as PolicyDocument;
    // in older versions `${…}` is plain text; the simulator would read it as a variable
    if (Version !== VERSION && textsIn(document).some((text) => text.includes('${'))) {
      throw invalid(name, `expected version ${VERSION} for a policy with variables, got ${Version}`);
    }
    const digest = createHash('sha256')
      .update(JSON.stringify([name, document]))
      .digest('base64url');
    return new Policy(name, document, digest, keysOf(document));
  }

  /** Returns true if the policy compares this condition key or uses it as a variable. */
  mentions(key: string): boolean {
    return this.keys.has(key.toLowerCase());
  }
}

/** The default service control policy that AWS attaches to every account of an organization. */
export const FULL_AWS_ACCESS = Policy.read('FullAWSAccess', {
  Version: VERSION,
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/**
 * Throws `PolicyInvalid` if the simulator can't evaluate a statement that AWS would accept, or if an operator is
 * unknown.
 */
function requireEvaluable(name: string, { NotPrincipal, Condition = {} }: PolicyStatement, index: number): void {
  // in AWS it applies to a role, its session and its account separately; the simulator doesn't do so
  if (NotPrincipal !== undefined) throw invalid(name, `expected no NotPrincipal at Statement.${index}, got one`);
  const unknown = Object.keys(Condition).find((operator) => !isOperator(operator));
  if (unknown === undefined) return;
  throw invalid(name, `expected a condition operator at Statement.${index}.Condition, got ${JSON.stringify(unknown)}`);
}

/**
 * Returns true if AWS has a condition operator of this name. The simulator never matches a statement with an unknown
 * operator, so a mistyped deny would deny nothing.
 */
function isOperator(operator: string): boolean {
  return operator.toLowerCase() === 'null' || OPERATOR.test(operator);
}

function invalid(name: string, problem: string): AuthorizationError {
  return new AuthorizationError('PolicyInvalid', `policy ${name}: ${problem}`);
}

function keysOf(document: PolicyDocument): ReadonlySet<string> {
  const conditions = document.Statement.flatMap(({ Condition = {} }) => Object.values(Condition).flatMap(Object.keys));
  const variables = textsIn(document).flatMap((text) => [...text.matchAll(VARIABLE)].map(([, key = '']) => key.trim()));
  return new Set([...conditions, ...variables].map((key) => key.toLowerCase()));
}

function problemOf(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const [issue] = issues;
  const at = v.getDotPath(issue) ?? 'the document';
  return `expected ${issue.expected ?? issue.message} at ${at}, got something else`;
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
