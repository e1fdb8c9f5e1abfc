import type { Finding } from './finding';
import { isOfOneStack, type PhysicalName, physicalName } from './physical-names';
import { referencesIn } from './references';
import { isRetained, type Resource, resourcesOf, type TemplateJson } from './template';

/** The stacks that can't be created while a retained resource has its name. */
export type Reach = 'any later stack' | 'the same stack';

/**
 * Finds resources that outlive their stack under a name that a later stack of the same template would take again:
 * its first deploy fails.
 */
export function retainedNamesAreOfOneStack(template: TemplateJson): readonly Finding[] {
  return namesWithin(template, 'any later stack').map(({ resource, name }) => ({
    rule: 'retainedNamesAreOfOneStack',
    resource: resource.id,
    problem: `expected a ${name.property} that differs with each creation of the stack, since ${resource.type} is retained, got ${JSON.stringify(name.value)}`,
  }));
}

/**
 * Returns the resources that can't be put back after an update took them out of the template: they are retained under
 * a name that stays the same within one stack.
 */
export function retainedUnderAName(template: TemplateJson): readonly string[] {
  return [...namesWithin(template, 'any later stack'), ...namesWithin(template, 'the same stack')].map(
    ({ resource }) => resource.id,
  );
}

interface Named {
  readonly resource: Resource;
  readonly name: PhysicalName;
}

function namesWithin(template: TemplateJson, reach: Reach): readonly Named[] {
  const resources = resourcesOf(template);
  return [...resources.values()].filter(isRetained).flatMap((resource) => {
    const name = physicalName(resource);
    return name && reachOf(resource, name, resources) === reach ? [{ resource, name }] : [];
  });
}

function reachOf(resource: Resource, name: PhysicalName, all: ReadonlyMap<string, Resource>): Reach {
  const { namespace } = name;
  if (isOfOneStack(name)) return 'the same stack';
  if (typeof namespace === 'string') return 'any later stack';
  // a parent that the template creates is another namespace for the next stack
  const parents = referencesIn(resource.properties[namespace.within]).map(({ id }) => all.get(id));
  return parents.some((parent) => parent !== undefined) ? 'the same stack' : 'any later stack';
}
