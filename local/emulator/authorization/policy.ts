import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { type PolicyDocument, VERSION, textsIn } from './document';
import { AuthorizationError } from './errors';
import { isOperator } from './operators';

const TEXTS = v.union([v.string(), v.array(v.string())]);
// templates may spell a condition's `true` and `7` without quotes
const SCALAR = v.pipe(v.union([v.string(), v.boolean(), v.number()]), v.transform(String));
// no `NotPrincipal`: AWS takes it to mean a role's session and account apart from the role, which the evaluation doesn't
const STATEMENT = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(['Allow', 'Deny']),
  Action: v.optional(TEXTS),
  NotAction: v.optional(TEXTS),
  Principal: v.optional(v.unknown()),
  Resource: v.optional(TEXTS),
  NotResource: v.optional(TEXTS),
  Condition: v.optional(
    v.record(
      v.pipe(v.string(), v.check(isOperator, 'a condition operator')),
      v.record(v.string(), v.union([SCALAR, v.array(SCALAR)])),
    ),
  ),
});
const DOCUMENT = v.strictObject({
  Version: v.optional(v.picklist([VERSION, '2008-10-17']), '2008-10-17'),
  Id: v.optional(v.string()),
  Statement: v.union([
    v.array(STATEMENT),
    v.pipe(
      STATEMENT,
      v.transform((statement) => [statement]),
    ),
  ]),
});

/** `${key}` or `${key, 'default'}`, the escapes `${*}`, `${?}` and `${$}` among them. */
const VARIABLE = /\$\{([^},]*)[^}]*\}/g;

/**
 * A policy under its name, read once. It is a copy that nobody can change afterwards, so its digest holds: what was
 * decided by it may be remembered under it.
 */
export class Policy {
  private constructor(
    /** the policy's name, or the logical id of what carries it */
    public readonly name: string,
    public readonly document: PolicyDocument,
    /** of the name and the document */
    public readonly digest: string,
    private readonly keys: ReadonlySet<string>,
  ) {
    Object.freeze(this);
  }

  /** Reads a document, its references resolved. Throws `PolicyInvalid` on what AWS would not have taken. */
  static read(name: string, value: unknown): Policy {
    const read = v.safeParse(DOCUMENT, value);
    if (!read.success) throw new AuthorizationError('PolicyInvalid', `policy ${name}: ${problemOf(read.issues)}`);
    const { Version, Statement } = read.output;
    const statements = structuredClone(Statement);
    const document = deepFreeze({ Version, Statement: statements }) as PolicyDocument;
    // before that version `${…}` is plain text, which the evaluation doesn't know
    if (Version !== VERSION && textsIn(document).some((text) => text.includes('${'))) {
      const message = `policy ${name}: expected version ${VERSION} where variables are used, got ${Version}`;
      throw new AuthorizationError('PolicyInvalid', message);
    }
    const digest = createHash('sha256')
      .update(JSON.stringify([name, document]))
      .digest('base64url');
    return new Policy(name, document, digest, keysOf(document));
  }

  /** Whether the value of a condition key can bear on what this policy says: it is compared, or put in for a variable. */
  mentions(key: string): boolean {
    return this.keys.has(key.toLowerCase());
  }
}

/** What AWS attaches to every account of an organization until somebody takes it away. */
export const FULL_AWS_ACCESS = Policy.read('FullAWSAccess', {
  Version: VERSION,
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

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
