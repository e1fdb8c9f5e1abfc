import { at } from './json';
import { fill, type Role, squeeze, STACK } from './roles';
import { SHARE_KEY_USER, shareKeyRoles } from './share-keys';
import { OUTPUT, type Resource } from './template';

/** A resource of a vault, and the role that it has there. */
export interface Member {
  readonly resource: Resource;
  readonly role: Role;
  /** The values of the role's placeholders as a logical id writes them. */
  readonly values: Readonly<Record<string, string>>;
  /** The role's path with these values: the resource's name in canonical texts. */
  readonly name: string;
}

/** The place of a vault in a template: its construct path, its part of logical ids, or both. */
export interface Place {
  readonly environment: string;
  readonly path: string | undefined;
  readonly idPrefix: string | undefined;
}

/** A vault cannot have fewer resources with its tag: a smaller group is a leftover of another. */
const FEWEST = 8;

/** Finds the vaults of a template by their tag: each is at the place that most of its tagged resources show. */
export function findPlaces(resources: readonly Resource[], roles: readonly Role[]): readonly Place[] {
  const below = roles.filter(({ path }) => !path.startsWith(STACK));
  const tagged = resources.filter(({ environment }) => environment !== undefined);
  const places: Place[] = [];
  for (let rest = tagged; rest.length > 0;) {
    const path = mostFrequent(rest.flatMap((resource) => pathsAbove(resource, below)));
    const idPrefix = mostFrequent(rest.flatMap((resource) => idsBefore(resource, below)));
    const place = { environment: '', path, idPrefix };
    const own = rest.filter((resource) => isIn(place, resource, below));
    if (own.length < FEWEST) return places;
    const environment = mostFrequent(own.flatMap((resource) => resource.environment ?? []));
    places.push({ ...place, environment: environment ?? '' });
    rest = rest.filter((resource) => !own.includes(resource));
  }
  return places;
}

function isIn(place: Place, resource: Resource, roles: readonly Role[]): boolean {
  return (
    (place.path !== undefined && (resource.path?.startsWith(`${place.path}/`) ?? false)) ||
    findMember(place, resource, roles) !== undefined
  );
}

/** Finds all resources of a vault. Its share keys are recognized by their tag and their use: an owner can make them. */
export function findMembers(place: Place, resources: readonly Resource[], roles: readonly Role[]): readonly Member[] {
  const members = resources.flatMap((resource) => findMember(place, resource, roles) ?? []);
  const user = members.find((member) => member.role.path === SHARE_KEY_USER);
  const keys = shareKeyRoles(user?.resource.body);
  const used = resources.flatMap((resource): readonly Member[] => {
    const role = roles.find(({ path }) => path === keys.get(resource.id));
    const isKey = role?.data.type === resource.type && resource.environment === place.environment;
    return isKey ? [{ resource, role, values: {}, name: role.path }] : [];
  });
  return [...members.filter(({ resource }) => !used.some((key) => key.resource === resource)), ...used];
}

/** Returns the resource's role in a vault, undefined if it has none. */
export function findMember(place: Place, resource: Resource, roles: readonly Role[]): Member | undefined {
  if (resource.type === OUTPUT) return findOutput(place, resource, roles);
  const members = roles.flatMap((role) => {
    const values = valuesByPath(place, resource, role) ?? valuesById(place, resource, role);
    return values ? [{ resource, role, values, name: fill(role.path, values) }] : [];
  });
  return members.sort(byFit)[0];
}

/** Finds an output's role by its description: it has no path, and the vault's owner chooses how its logical id begins. */
function findOutput({ environment }: Place, resource: Resource, roles: readonly Role[]): Member | undefined {
  const description = at(resource.body, 'Properties', 'Description');
  const fitting = roles.filter(({ path, data }) => {
    const wanted = data.type === OUTPUT ? at(data.properties, 'Description') : undefined;
    const named = resource.id.endsWith(path.slice(path.lastIndexOf('/') + 1));
    return named && typeof wanted === 'string' && wanted.replaceAll('{environment}', environment) === description;
  });
  const [role] = fitting.sort((a, b) => b.weight - a.weight);
  return role && { resource, role, values: {}, name: role.path };
}

/** Orders roles that fit one logical id: the one of the resource's type is meant, then the more specific one. */
function byFit(a: Member, b: Member): number {
  const typed = ({ role, resource }: Member) => Number(role.data.type === resource.type);
  return typed(b) - typed(a) || b.role.weight - a.role.weight;
}

function valuesByPath({ path }: Place, resource: Resource, role: Role): Record<string, string> | undefined {
  if (resource.path === undefined || (path === undefined && !role.path.startsWith(STACK))) return undefined;
  const whole = role.path.startsWith(STACK) ? resource.path : below(resource.path, path ?? '');
  const match = whole === undefined ? null : role.pathPattern.exec(whole);
  return match ? named(role, match.slice(1).map(squeeze)) : undefined;
}

function valuesById(place: Place, resource: Resource, role: Role): Record<string, string> | undefined {
  if (resource.path !== undefined && place.path !== undefined) return undefined;
  const prefix = role.path.startsWith(STACK) ? '' : place.idPrefix;
  if (prefix === undefined || !resource.id.startsWith(prefix)) return undefined;
  const rest = resource.id.slice(prefix.length);
  const match = role.idPattern.exec(rest) ?? (prefix.endsWith(role.first) ? role.idPattern.exec(role.first + rest) : null); // prettier-ignore
  return match ? named(role, match.slice(1)) : undefined;
}

/** Returns the values of the resources of each role. */
export function instancesOf(members: readonly Member[]): ReadonlyMap<string, readonly Member['values'][]> {
  const byRole = Map.groupBy(members, ({ role }) => role.path);
  return new Map([...byRole].map(([path, each]) => [path, each.map(({ values }) => values)]));
}

function named(role: Role, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(role.variables.map((name, i) => [name, values[i] ?? '']));
}

function below(path: string, above: string): string | undefined {
  return path.startsWith(`${above}/`) ? path.slice(above.length + 1) : undefined;
}

/** Returns every construct path that would be the vault's if the resource had one of the roles. */
function pathsAbove({ path, type }: Resource, roles: readonly Role[]): readonly string[] {
  const steps = path?.split('/') ?? [];
  return roles
    .filter((role) => role.data.type === type)
    .flatMap((role) => {
      const depth = steps.length - role.path.split('/').length;
      if (depth < 1 || !role.pathPattern.test(steps.slice(depth).join('/'))) return [];
      return [steps.slice(0, depth).join('/')];
    });
}

function idsBefore({ id, type }: Resource, roles: readonly Role[]): readonly string[] {
  return roles.flatMap((role) => {
    const match = role.data.type === type ? role.wholeIdPattern.exec(id) : null;
    return match ? [match[1] ?? ''] : [];
  });
}

/** Returns the text that occurs most often, of several the first in order. */
function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}
