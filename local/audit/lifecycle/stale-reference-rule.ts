import { isDeepStrictEqual } from 'node:util';
import type { Finding } from './finding';
import { referencesIn } from './references';
import { type Resource, resourcesOf, type TemplateJson } from './template';

/** A resource that was exchanged for another physical one outside of CloudFormation, and the attributes that differ. */
export interface Exchange {
  readonly id: string;
  /** Attributes that have another value afterwards; a `Ref` is one only if it is listed as `Ref`. */
  readonly attributes: readonly string[];
}

/**
 * Finds resources that keep attributes of an exchanged physical resource: the template's text of their properties stays
 * the same, so CloudFormation does not update them and resolves nothing again.
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
