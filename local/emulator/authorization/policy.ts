import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { type PolicyDocument, VERSION, textsIn } from './document';
import { AuthorizationError } from './errors';
import { isOperator } from './operators';

const TEXTS = v.union([v.string(), v.array(v.string())]);
// templates may write a condition's `true` and `7` without quotes
const SCALAR = v.pipe(v.union([v.string(), v.boolean(), v.number()]), v.transform(String));
// no `NotPrincipal`: in AWS it applies to a role, its session and its account separately; the simulator doesn't do so
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

/** Matches `${key}` and `${key, 'default'}`, and also the escapes `${*}`, `${?}` and `${$}`. */
const VARIABLE = /\$\{([^},]*)[^}]*\}/g;

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
    const read = v.safeParse(DOCUMENT, value);
    if (!read.success) throw new AuthorizationError('PolicyInvalid', `policy ${name}: ${problemOf(read.issues)}`);
    const { Version, Statement } = read.output;
    const statements = structuredClone(Statement);
    const document = deepFreeze({ Version, Statement: statements }) as PolicyDocument;
    // in older versions `${…}` is plain text; the simulator would read it as a variable
    if (Version !== VERSION && textsIn(document).some((text) => text.includes('${'))) {
      const message = `policy ${name}: expected version ${VERSION} where variables are used, got ${Version}`;
      throw new AuthorizationError('PolicyInvalid', message);
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
