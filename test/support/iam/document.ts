/** A policy document in IAM's own terms, every reference in it resolved. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Condition;
}

/** Operator → condition key → value or values. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** What a request says beside its action and resource: condition key → value or values. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

export const VERSION = '2012-10-17';

/** What an administrator has. */
export const EVERYTHING: PolicyDocument = {
  Version: VERSION,
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** Reads what a template holds under a policy property; throws on anything that is no policy. */
export function readDocument(value: unknown, where: string): PolicyDocument {
  if (typeof value !== 'object' || value === null || !('Statement' in value) || !Array.isArray(value.Statement)) {
    throw new Error(`${where}: expected a policy with a list of statements, got ${JSON.stringify(value)}`);
  }
  for (const statement of value.Statement as readonly unknown[]) {
    const effect = typeof statement === 'object' && statement !== null && 'Effect' in statement && statement.Effect;
    if (effect !== 'Allow' && effect !== 'Deny') {
      throw new Error(`${where}: expected statements that allow or deny, got ${JSON.stringify(statement)}`);
    }
  }
  return { Version: VERSION, Statement: value.Statement as readonly PolicyStatement[] };
}

export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
