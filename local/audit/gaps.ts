import type { AllowList } from './allow-list';
import type { Finding } from './finding';
import { fill } from './roles';
import type { RoleData } from './shape';
import { selects, type VaultFacts } from './vault-facts';
import type { Member } from './vaults';

/** Returns the findings of everything that a vault lacks, or has too much of. */
export function gapsOf(members: readonly Member[], facts: VaultFacts, list: AllowList): readonly Finding[] {
  return [...absences(members, facts, list), ...excesses(facts, list)];
}

function absences(members: readonly Member[], facts: VaultFacts, { roles }: AllowList): readonly Finding[] {
  const byRole = Map.groupBy(members, ({ role }) => role.path);
  const byGroup = Map.groupBy(
    members.filter(({ role }) => role.data.group !== undefined),
    ({ role }) => role.data.group ?? '',
  );
  return roles.flatMap(({ path, data }) => {
    const present = byRole.get(path) ?? [];
    const absent = (name: string): Finding => ({ resource: '', path: name, property: '', expected: data.type, got: 'none' }); // prettier-ignore
    if (!exists(data, facts)) return present.map(refused);
    if (data.count === 'one') return present.length === 0 ? [absent(path)] : present.slice(1).map(refused);
    const wanted = new Map((byGroup.get(data.group ?? '') ?? []).map(({ values }) => [JSON.stringify(values), values]));
    for (const { values } of present) wanted.delete(JSON.stringify(values));
    return [...wanted.values()].map((values) => absent(fill(path, values)));
  });
}

function exists(data: RoleData, { features, instances }: VaultFacts): boolean {
  if (data.if !== undefined && !selects(data.if, features)) return false;
  return data.with === undefined || (instances.get(data.with)?.length ?? 0) > 0;
}

/** Finds features and counts beyond the limits of the vault's environment. */
function excesses({ environment, features, instances }: VaultFacts, { limits }: AllowList): readonly Finding[] {
  return limits
    .filter((limit) => limit.environment === environment || limit.environment === '*')
    .filter((limit) => limit.if === undefined || selects(limit.if, features))
    .flatMap((limit) => {
      const got =
        'feature' in limit ? (features[limit.feature] ?? 'none') : String(instances.get(limit.role)?.length ?? 0);
      const holds = 'feature' in limit ? limit.values.includes(got) : Number(got) >= limit.least;
      const expected = 'feature' in limit ? limit.values.join(' or ') : `${limit.least} or more`;
      const path = 'feature' in limit ? limit.feature : limit.role;
      return holds ? [] : [{ resource: '', path, property: '', expected, got }];
    });
}

function refused({ resource, name }: Member): Finding {
  return { resource: resource.id, path: name, property: '', expected: 'no such resource', got: resource.type };
}
