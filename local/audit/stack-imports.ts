import type { AllowList } from './allow-list';
import { canonical } from './canonical';
import { at, isObject, type Json } from './json';
import { readResources } from './template';
import { findMembers, findPlaces } from './vaults';

/** Returns other stacks' exports of their vaults: the name in canonical texts, and its target. */
export function importsOf(
  stacks: Readonly<Record<string, unknown>>,
  list: AllowList,
): readonly (readonly [string, string])[] {
  return Object.entries(stacks).flatMap(([stack, template]) => {
    const resources = readResources(template);
    const members = findPlaces(resources, list.roles).flatMap((place) => findMembers(place, resources, list.roles));
    const names = new Map(members.map(({ resource, name }) => [resource.id, name]));
    const outputs = at(template, 'Outputs');
    return Object.entries(isObject(outputs) ? outputs : {}).flatMap(([output, body]) => {
      const value = canonical((at(body, 'Value') ?? null) as Json, (id) => names.get(id) ?? `@${id}`);
      const target = typeof value === 'string' ? /^\$\{([^@!{}][^{}]*)\}$/.exec(value)?.[1] : undefined;
      if (target === undefined) return [];
      const exported = at(body, 'Export', 'Name');
      return [
        [`GetStackOutput ${stack}/${output}`, target] as const,
        [`${stack} Outputs.${output}`, target] as const,
        ...(typeof exported === 'string' ? [[`ImportValue ${exported}`, target] as const] : []),
      ];
    });
  });
}
