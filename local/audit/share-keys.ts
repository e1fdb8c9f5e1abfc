import { at, type Json } from './json';

/** The role of the key that seals. */
export const SHARE_KEY = 'Keys/ShareKey/Key/Resource';
/** Returns the role of a key that only opens, by its place in the list: keys of two places are never mistaken for each other. */
export const retiringKey = (place: number): string => `Keys/RetiringKey${place === 0 ? '' : place + 1}/Key/Resource`;
/** The function whose variables name both: it opens. */
export const SHARE_KEY_USER = 'Functions/unseal/Function/Resource';

/**
 * Returns the roles of a vault's share keys in AWS KMS by their logical ids, as the function that unseals uses them. Paths
 * don't tell: in a replacement the key of the vault's own becomes the one that only opens.
 */
export function shareKeyRoles(user: Json | undefined): ReadonlyMap<string, string> {
  const variables = at(user, 'Properties', 'Environment', 'Variables');
  const named = (name: string) => referencedIn(at(variables, name));
  return new Map([
    ...named('SHARE_VAULT_OPENING_KEY_ARNS').map((id, place) => [id, retiringKey(place)] as const),
    ...named('SHARE_VAULT_SHARE_KEY_ARN').map((id) => [id, SHARE_KEY] as const),
  ]);
}

/** Returns the logical ids whose attributes a value names. */
function referencedIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const id = at(value, 'Fn::GetAtt', 0);
  return typeof id === 'string' ? [id] : Object.values(value).flatMap(referencedIn);
}
