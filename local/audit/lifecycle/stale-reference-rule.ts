import { isDeepStrictEqual } from 'node:util';
import type { Finding } from './finding';
import { referencesIn } from './references';
import { type Resource, resourcesOf, type TemplateJson } from './template';

/** A resource in whose place another physical one was put outside of CloudFormation, and what differs then. */
export interface Exchange {
  readonly id: string;
  /** Attributes that have another value afterwards; a `Ref` is one only if it is listed as `Ref`. */
  readonly attributes: readonly string[];
}

/**
 * Finds resources that keep what they were told of a physical resource which another one took the place of: the
 * template's text of their properties stays, so CloudFormation does not touch them and nothing is resolved again.
 */
export function textsChangeWith(before: TemplateJson, after: TemplateJson, exchange: Exchange): readonly Finding[] {
  const [former, next] = [resourcesOf(before), resourcesOf(after)];
  return [...next.values()].flatMap((resource) => {
    const own = former.get(resource.id);
    const used = usesOf(resource, exchange);
    if (!own || used.length === 0 || !isDeepStrictEqual(own.properties, resource.properties)) return [];
    const problem = `expected a changed text, since ${exchange.id} is another one, got the same with ${used.join(', ')}`;
    return [{ rule: 'textsChangeWith', resource: resource.id, problem }];
  });
}

function usesOf({ properties }: Resource, { id, attributes }: Exchange): readonly string[] {
  const used = referencesIn(properties).filter((reference) => reference.id === id);
  const names = used.map(({ attribute }) => attribute ?? 'Ref').filter((name) => attributes.includes(name));
  return [...new Set(names)];
}
