import { dependenciesOf, type Edges } from './dependencies';
import type { Finding } from './finding';
import { resourcesOf, type TemplateJson } from './template';

/**
 * Finds resources that wait for themselves, by references or by a DependsOn: CloudFormation refuses their template. A
 * nested stack is one resource of its parent, as it is for CloudFormation.
 */
export function dependenciesHaveNoCycle(template: TemplateJson): readonly Finding[] {
  const needs = unordered(dependenciesOf([...resourcesOf(template).values()]));
  return [...needs.keys()].flatMap((id) => {
    const path = wayBack(id, needs);
    if (!path) return [];
    const problem = `expected one that does not wait for itself, got ${path.join(' -> ')}`;
    return [{ rule: 'dependenciesHaveNoCycle', resource: id, problem }];
  });
}

/** Returns the resources that cannot be created in any order: those of cycles, and those that wait for one. */
function unordered(needs: Edges): Edges {
  const known = new Map([...needs].map(([id, others]) => [id, others.filter((other) => needs.has(other))]));
  const left = new Map([...known].filter(([, others]) => others.length > 0));
  return left.size === known.size ? left : unordered(left);
}

/** Returns the shortest way from a resource to itself. */
function wayBack(start: string, needs: Edges): readonly string[] | undefined {
  const paths: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (let path = paths.shift(); path; path = paths.shift()) {
    for (const next of needs.get(path.at(-1) ?? '') ?? []) {
      if (next === start) return [...path, next];
      if (seen.has(next)) continue;
      seen.add(next);
      paths.push([...path, next]);
    }
  }
  return undefined;
}
