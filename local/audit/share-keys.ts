import { at, type Json } from './json';

/** The role of the key that seals, and of one that only opens. */
export const SHARE_KEY = 'Keys/ShareKey/Key/Resource';
export const RETIRING_KEY = 'Keys/RetiringKey/Key/Resource';
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
    ...named('SHARE_VAULT_OPENING_KEY_ARNS').map((id) => [id, RETIRING_KEY] as const),
    ...named('SHARE_VAULT_SHARE_KEY_ARN').map((id) => [id, SHARE_KEY] as const),
  ]);
}

/** Returns the logical ids whose attributes a value names. */
function referencedIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const id = at(value, 'Fn::GetAtt', 0);
  return typeof id === 'string' ? [id] : Object.values(value).flatMap(referencedIn);
}
