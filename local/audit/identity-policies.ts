import { isList, isObject, type Json, type JsonObject } from './json';
import { isMention } from './mentions';
import { describePermission, permissionsOf, statementsOf } from './permissions';
import type { Touches } from './touches';

/** Something that an identity outside the vault may do and that the allow-list does not have. */
export interface Excess {
  readonly property: string;
  readonly got: string;
}

const DOCUMENT_TYPES = /^AWS::IAM::(Managed|Role|User|Group)?Policy$/;
const IDENTITY_TYPES = /^AWS::IAM::(Role|User|Group)$/;

/** Returns the identity policies of a resource by the property that holds each. */
export function identityPolicies(type: string, properties: Json): readonly (readonly [string, Json])[] {
  if (!isObject(properties)) return [];
  if (DOCUMENT_TYPES.test(type)) return [['Properties.PolicyDocument', properties.PolicyDocument ?? null]];
  if (!IDENTITY_TYPES.test(type)) return [];
  const inline = isList(properties.Policies) ? properties.Policies : [];
  return inline.map((each, i) => [
    `Properties.Policies[${i}].PolicyDocument`,
    isObject(each) ? (each.PolicyDocument ?? null) : null,
  ]);
}

/** Returns the permissions of a policy that reach a vault and are not on the allow-list. Denials are for anybody. */
export function excessOf(document: Json, property: string, touches: Touches): readonly Excess[] {
  const statements = statementsOf(document);
  if (statements === undefined)
    return isMention(JSON.stringify(document)) ? [{ property, got: 'no policy document' }] : [];
  return statements
    .filter(({ Effect }) => Effect !== 'Deny')
    .flatMap(permissionsOf)
    .filter((permission) => reaches(permission, touches) && !isAllowed(permission, touches))
    .map((permission) => ({ property: `${property}.Statement`, got: describePermission(permission) }));
}

function isAllowed({ Action, Resource, NotAction, NotResource }: JsonObject, touches: Touches): boolean {
  if (NotAction !== undefined || NotResource !== undefined) return false;
  if (typeof Action !== 'string' || typeof Resource !== 'string') return false;
  if (isMention(Resource)) return touches.allows(Action, Resource);
  return touches.allowsAnywhere(Action);
}

function reaches({ Action, Resource, NotAction, NotResource }: JsonObject, touches: Touches): boolean {
  const text = JSON.stringify([Action ?? null, Resource ?? null, NotAction ?? null, NotResource ?? null]);
  if (isMention(text)) return true;
  // all actions but some, or all resources but some: the vault's are among them
  const action = NotAction === undefined && typeof Action === 'string' ? Action : '*';
  const resource = NotResource === undefined ? Resource : '*';
  return typeof resource === 'string' && touches.covers(action, resource);
}
