import { isList, isObject, type Json, type JsonObject, listOf, parse, textsOf } from './json';
import { isMention } from './mentions';
import { describePermission, permissionsOf } from './permissions';
import type { Touches } from './touches';

/** A permission of an identity outside the vault that is not on the allow-list. */
export interface Excess {
  readonly property: string;
  readonly got: string;
}

/** The properties of types that give an identity permissions. */
const POLICY_PROPERTIES: readonly (readonly [RegExp, string])[] = [
  [/^AWS::IAM::(Managed|Role|User|Group)?Policy$/, 'PolicyDocument'],
  [/^AWS::IAM::(Role|User|Group)$/, 'Policies'],
  [/^AWS::SSO::PermissionSet$/, 'InlinePolicy'],
];
const STATEMENT_MEMBER = /^(effect|action|notaction)$/i;

/** Returns the identity policies of a resource by the property that holds each. */
export function identityPolicies(type: string, properties: Json): readonly (readonly [string, Json])[] {
  return POLICY_PROPERTIES.filter(([types]) => types.test(type)).map(([, name]) => [
    `Properties.${name}`,
    isObject(properties) ? (properties[name] ?? null) : null,
  ]);
}

/**
 * Returns the permissions of policies that reach a vault and are not on the allow-list. Every denial is allowed.
 *
 * @param path the IAM path of the resource with the policies
 */
export function excessOf(policies: Json, property: string, touches: Touches, path: unknown): readonly Excess[] {
  const statements = statementsIn(policies);
  if (statements.length === 0)
    return isMention(JSON.stringify(policies)) ? [{ property, got: 'no policy document' }] : [];
  return statements
    .filter(({ Effect }) => Effect !== 'Deny')
    .flatMap((statement) => permissionsOf({ ...statement, ...alternatives(statement) }))
    .filter((permission) => reaches(permission, touches) && !isAllowed(permission, touches, path))
    .map((permission) => ({ property: `${property}.Statement`, got: describePermission(permission) }));
}

/** Finds every statement, including those that a condition chooses and those of a document that is a text. */
function statementsIn(value: Json): readonly JsonObject[] {
  if (typeof value === 'string') return value.trimStart().startsWith('{') ? statementsIn(parse(value) ?? null) : [];
  if (isList(value)) return value.flatMap(statementsIn);
  if (!isObject(value)) return [];
  if (Object.keys(value).some((name) => STATEMENT_MEMBER.test(name))) return [value];
  return Object.values(value).flatMap(statementsIn);
}

/** Returns the actions and resources of a statement as texts, including all that a condition could choose. */
function alternatives({ Action, Resource }: JsonObject): JsonObject {
  return {
    ...(Action !== undefined && { Action: alternativesOf(Action) }),
    ...(Resource !== undefined && { Resource: alternativesOf(Resource) }),
  };
}

function alternativesOf(value: Json): Json {
  return listOf(value).flatMap((each) => {
    const texts = textsOf(each);
    return texts.length > 0 ? texts : ['*'];
  });
}

function isAllowed({ Action, Resource, NotAction, NotResource }: JsonObject, touches: Touches, path: unknown): boolean {
  if (NotAction !== undefined || NotResource !== undefined) return false;
  if (typeof Action !== 'string' || typeof Resource !== 'string') return false;
  if (isMention(Resource)) return touches.allows(Action, Resource, path);
  return touches.allowsAnywhere(Action);
}

function reaches({ Action, Resource, NotAction, NotResource }: JsonObject, touches: Touches): boolean {
  const text = JSON.stringify([Action ?? null, Resource ?? null, NotAction ?? null, NotResource ?? null]);
  if (isMention(text)) return true;
  // all actions but some, or all resources but some: the vault's are among them
  const action = NotAction === undefined && typeof Action === 'string' ? Action : '*';
  const resource = NotResource === undefined && typeof Resource === 'string' ? Resource : '*';
  return touches.covers(action, resource);
}
