import type { JsonObject, Json } from './json';

/** Features of a vault, such as `{ "webhook": "yes" }`; a list means any of its values. */
export type Features = Readonly<Record<string, string | readonly string[]>>;

/**
 * A shape of a value, as the allow-list's files write it.
 *
 * - A text, number, boolean or null: exactly that value. A text may hold placeholders, `{environment}`, and references,
 *   `${Keys/ShareKey/Key/Resource#Arn}`.
 * - A list: its elements in any order, unless an index matters to AWS; an object: exactly its members.
 * - An object with a member that begins with `%`: one of the shapes below.
 */
export type Shape = Json;

/** `{ "%if": […], "is": shape }`: an element or a member that exists only in vaults with one of these sets of features. */
export interface Conditional {
  readonly '%if': readonly Features[];
  readonly is: Shape;
}

/** `{ "%choose": […] }`: the first alternative that the vault's features select, none for an absent value. */
export interface Choice {
  readonly '%choose': readonly { readonly if: readonly Features[]; readonly is: Shape }[];
}

/** `{ "%for": role, "is": shape }`: an element or a member for each resource of a role that may exist many times. */
export interface Repeated {
  readonly '%for': string;
  readonly is: Shape;
}

/** `{ "%policy": members, "statements": […] }`: an IAM policy document. Statements are compared one permission at a time. */
export interface Policy {
  readonly '%policy': JsonObject;
  readonly statements: readonly Shape[];
}

/** One resource of a vault, by its construct path below the vault. */
export interface RoleData {
  readonly type: string;
  /** The sets of features that the resource exists with; absent: always. */
  readonly if?: readonly Features[];
  /** A role: this resource exists only if at least one of that role does. */
  readonly with?: string;
  /** `one` or `many`. */
  readonly count: string;
  /** Roles of one group exist for the same values of their placeholders. */
  readonly group?: string;
  /** The operations that replace `{operation}`. */
  readonly operations?: readonly string[];
  /** Members beside `Type`, `Properties` and `Metadata`. */
  readonly attributes: Shape;
  readonly properties: Shape;
}

export function isConditional(shape: Shape): shape is Conditional & JsonObject {
  return has(shape, '%if');
}

export function isChoice(shape: Shape): shape is Choice & JsonObject {
  return has(shape, '%choose');
}

export function isRepeated(shape: Shape): shape is Repeated & JsonObject {
  return has(shape, '%for');
}

export function isPolicy(shape: Shape): shape is Policy & JsonObject {
  return has(shape, '%policy');
}

function has(shape: Shape, name: string): boolean {
  return typeof shape === 'object' && shape !== null && Object.hasOwn(shape, name);
}
