import type { FeatureData } from '../../local/audit/features';
import { isObject, type Json, type JsonObject } from '../../local/audit/json';
import type { Features, RoleData } from '../../local/audit/shape';
import { Abstraction, type Abstract } from './abstract';
import { explain } from './explain';
import { Merge, type ObservedValue } from './merge';
import { type Observation, observe, type Observed } from './observe';
import type { Sample } from './synthesize';
import type { Tunable } from './tunables';

const OPERATIONS = ['audit', 'freeze', 'properties', 'revoke', 'seal', 'thaw', 'unseal'];

export interface Generated {
  readonly roles: Readonly<Record<string, RoleData>>;
  readonly problems: readonly string[];
}

interface Part {
  readonly attributes: Abstract;
  readonly properties: Abstract;
}

/** Takes the allow-list's roles from reviewed vaults. `problems` names everything unexplained. */
export function generate(
  samples: readonly Sample[],
  featureData: Readonly<Record<string, FeatureData>>,
  tunables: readonly Tunable[],
): Generated {
  const observations = samples.map((sample) => observe(sample, featureData));
  const paths = [...new Set(observations.flatMap(({ resources }) => resources.map(({ pattern }) => pattern)))].sort();
  const problems: string[] = [];
  const roles = paths.map((path) => [path, role(path, observations, tunables, problems)] as const);
  const unused = tunables
    .filter(({ used = false }) => !used)
    .map(({ role: each, at }) => `${each} ${at}: no vault has it`);
  return { roles: perOperation(grouped(Object.fromEntries(roles), observations)), problems: [...problems, ...unused] };
}

function role(
  path: string,
  observations: readonly Observation[],
  tunables: readonly Tunable[],
  problems: string[],
): RoleData {
  const merge = new Merge(path);
  const seen = observations.flatMap((observation) =>
    observation.resources.filter(({ pattern }) => pattern === path).map((each) => ({ observation, each })),
  );
  const parts = seen.map(({ observation, each }) => part(observation, each, tunables));
  const values = (name: keyof Part): readonly ObservedValue[] =>
    seen.map(({ observation }, i) => ({
      features: observation.features,
      sample: observation.sample.name,
      has: (other) => observation.resources.some(({ pattern }) => pattern === other),
      value: parts[i]?.[name],
    }));
  const many = path.includes('{') && observations.some((each) => each.resources.filter(({ pattern }) => pattern === path).length !== 1 && each.resources.some(({ pattern }) => pattern === path)); // prettier-ignore
  const presence = explain(
    observations.map(({ features, resources }) => ({
      features,
      key: resources.some(({ pattern }) => pattern === path) ? 'present' : 'absent',
    })),
  );
  const always = observations.every(({ resources }) => resources.some(({ pattern }) => pattern === path));
  // if a role has a resource for every key or actor, the owner chooses whether any exists
  const chosen = presence === undefined && path.includes('{');
  const companion = presence === undefined && !chosen ? companionOf(path, observations) : undefined;
  if (presence === undefined && !chosen && companion === undefined)
    problems.push(`${path}: no few features explain that it exists`);
  const data = {
    type: seen[0]?.each.type ?? '',
    ...(!always && presence && { if: presence.get('present') ?? [] }),
    ...(companion !== undefined && { with: companion }),
    count: many || chosen ? 'many' : 'one',
    attributes: merge.shape(values('attributes'), ''),
    properties: merge.shape(values('properties'), 'Properties'),
  };
  problems.push(...merge.problems);
  return data;
}

/** Finds a role that may exist many times, if the resource exists exactly when one of that role does. */
function companionOf(path: string, observations: readonly Observation[]): string | undefined {
  const has = (pattern: string) =>
    observations.map(({ resources }) => resources.some((each) => each.pattern === pattern)).join();
  const others = new Set(observations.flatMap(({ resources }) => resources.map(({ pattern }) => pattern)));
  const close = (other: string) => other.startsWith(path.split('/').slice(0, 2).join('/'));
  return [...others].filter((other) => other.includes('{') && has(other) === has(path)).sort((a, b) => Number(close(b)) - Number(close(a)) || a.length - b.length || (a < b ? -1 : 1))[0]; // prettier-ignore
}

function part(observation: Observation, resource: Observed, tunables: readonly Tunable[]): Part {
  const abstraction = new Abstraction(observation, resource, tunables);
  const dependsOn = abstraction.dependsOn(resource.dependsOn);
  const attributes = abstraction.value(resource.attributes, '');
  return {
    attributes: { ...(isObject(attributes) ? attributes : {}), DependsOn: dependsOn },
    properties: abstraction.value(resource.properties, 'Properties'),
  };
}

/** Gives one group to roles that exist for the same values in every vault. */
function grouped(
  roles: Readonly<Record<string, RoleData>>,
  observations: readonly Observation[],
): Readonly<Record<string, RoleData>> {
  const many = Object.entries(roles).filter(([, { count }]) => count === 'many');
  const groups = Map.groupBy(
    many,
    ([path]) =>
    JSON.stringify(observations.map(({ resources }) => resources.filter(({ pattern }) => pattern === path).map(({ values }) => JSON.stringify(values)).sort())), // prettier-ignore
  );
  const names = new Map([...groups.values()].flatMap((group) => (group.length > 1 ? group.map(([path]) => [path, group[0]?.[0] ?? ''] as const) : []))); // prettier-ignore
  return Object.fromEntries(
    Object.entries(roles).map(([path, data]) => {
      const group = names.get(path);
      return [path, group === undefined ? data : { ...data, group }];
    }),
  );
}

/** Merges roles that differ only in the operation's name. */
function perOperation(roles: Readonly<Record<string, RoleData>>): Readonly<Record<string, RoleData>> {
  const groups = Map.groupBy(Object.entries(roles), ([path, data]) => {
    const operation = operationOf(path);
    return operation === undefined ? path : renamed([path, data], operation);
  });
  const result = new Map<string, RoleData>();
  for (const group of [...groups.values()].sort((a, b) => b.length - a.length)) {
    for (const [path, data] of together(group, result)) result.set(path, data);
  }
  return Object.fromEntries([...result].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Returns a group as one role, or unchanged if it has one member or another group has taken the path already. */
function together(
  group: readonly (readonly [string, RoleData])[],
  taken: ReadonlyMap<string, RoleData>,
): readonly (readonly [string, RoleData])[] {
  const [first] = group;
  if (first === undefined || group.length === 1) return group;
  const [path, data] = JSON.parse(renamed(first, operationOf(first[0]) ?? '')) as [string, RoleData];
  if (taken.has(path)) return group;
  return [[path, { ...data, operations: group.map(([each]) => operationOf(each) ?? '').sort() }]];
}

function operationOf(path: string): string | undefined {
  return OPERATIONS.find((name) => new RegExp(`(?<![A-Za-z0-9_])${name}(?![a-z0-9_])`).test(path));
}

/** Replaces the operation only if it is a word of its own: actions and members of policies are no operations. */
function renamed(role: readonly [string, RoleData], operation: string): string {
  return JSON.stringify(role, (_, value: Json) =>
    typeof value === 'string'
      ? value.replace(new RegExp(`(?<![A-Za-z0-9_{])${operation}(?![a-z0-9_}])`, 'g'), '{operation}')
      : value,
  );
}

export type { Features, JsonObject };
