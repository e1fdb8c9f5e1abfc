import { createHash } from 'node:crypto';
import type { RolePart } from '../emulator/template';

/** The start of all profiles' names, so that none is a profile of the developer's. */
const PREFIX = 'local-vault-';

/** The name under which `explain` knows the administrator. */
export const ADMINISTRATOR = 'administrator';
export const ADMINISTRATOR_PROFILE = `${PREFIX}${ADMINISTRATOR}`;

/**
 * Returns the profile's name of each role by its logical id: the prefix and the role's name. Characters that a profile's
 * name can't have become hyphens. If two names are the same, both get a digest of the role's logical id, so that a
 * name doesn't depend on the order of the roles.
 */
export function profileNames(roles: readonly Pick<RolePart, 'logicalId' | 'name'>[]): ReadonlyMap<string, string> {
  const plain = roles.map(({ logicalId, name }) => [logicalId, name.replaceAll(/[^\w.@+-]/g, '-')] as const);
  const uses = Map.groupBy(plain, ([, name]) => name);
  return new Map(
    plain.map(([logicalId, name]) => {
      const unique = uses.get(name)?.length === 1 && name !== ADMINISTRATOR;
      return [logicalId, `${PREFIX}${name}${unique ? '' : `-${digestOf(logicalId)}`}`];
    }),
  );
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
