import { isDeepStrictEqual } from 'node:util';
import { type Change, changesBetween } from './changes';
import type { Finding } from './finding';
import { networkRefusals } from './network-refusals';
import { keepsName, physicalName, sameName } from './physical-names';
import { isCustomResource } from './replacement-properties';
import { type Resource, resourcesOf, type TemplateJson } from './template';

/** Returns why CloudFormation or a service refuses an update; the whole update is then rolled back. */
export function refusals(before: TemplateJson, after: TemplateJson): readonly Finding[] {
  const [former, next] = [resourcesOf(before), resourcesOf(after)];
  const changes = new Map(changesBetween(before, after).map((change) => [change.id, change]));
  const found = [...next.values()].flatMap((resource) => {
    const problem = problemOf(resource, former, changes.get(resource.id));
    return problem === undefined ? [] : [{ rule: 'refusals', resource: resource.id, problem }];
  });
  return [...found, ...networkRefusals(former, next, changes)];
}

function problemOf(
  resource: Resource,
  before: ReadonlyMap<string, Resource>,
  change: Change | undefined,
): string | undefined {
  const own = before.get(resource.id);
  if (own && own.type !== resource.type) return `a resource can't change its type from ${own.type}`;
  if (own && isCustomResource(own.type) && differs('ServiceToken', own, resource)) {
    return "a custom resource can't change its ServiceToken";
  }
  if (own && change?.action === 'replaced' && keepsName(own, resource, change.properties)) {
    return `${change.properties.join(', ')} requires a replacement, and ${nameOf(resource)} stays`;
  }
  if (own) return undefined;
  // a new resource is created before a removed one is deleted
  const holder = [...before.values()].find((other) => sameName(other, resource));
  return holder && `${nameOf(resource)} is taken by ${holder.id}`;
}

function differs(property: string, one: Resource, other: Resource): boolean {
  return !isDeepStrictEqual(one.properties[property], other.properties[property]);
}

function nameOf(resource: Resource): string {
  return `its ${physicalName(resource)?.property ?? 'name'}`;
}
