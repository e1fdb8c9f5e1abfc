import { dependenciesOf, type Edges } from './dependencies';
import type { Finding } from './finding';
import { isGuardOf } from './protection-guard';
import { isProtected } from './rollback-rule';
import { resourcesOf, type TemplateJson } from './template';

/**
 * Finds resources that a first deploy can create while a protected resource exists and its guard does not. If one of
 * them fails then, CloudFormation cancels operations in progress and rolls back, and nothing lifts the protection.
 */
export function guardsComeFirst(template: TemplateJson): readonly Finding[] {
  const resources = resourcesOf(template);
  const all = [...resources.values()];
  const needs = dependenciesOf(all);
  const users = inverse(needs);
  return all.filter(isProtected).flatMap((target) => {
    const guards = all.filter((other) => isGuardOf(other, target.id, resources));
    return guards.flatMap((guard) => {
      const ordered = new Set([target.id, guard.id, ...reach(target.id, needs), ...reach(guard.id, users)]);
      const problem = `expected one that ${target.id} waits for, or that waits for ${guard.id}, got neither`;
      return all
        .filter(({ id }) => !ordered.has(id))
        .map(({ id }) => ({ rule: 'guardsComeFirst', resource: id, problem }));
    });
  });
}

function inverse(edges: Edges): Edges {
  const pairs = [...edges].flatMap(([id, others]) => others.map((other) => ({ id, other })));
  return new Map([...Map.groupBy(pairs, ({ other }) => other)].map(([other, own]) => [other, own.map(({ id }) => id)]));
}

function reach(start: string, edges: Edges): ReadonlySet<string> {
  const found = new Set<string>();
  const left = [start];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const id of edges.get(next) ?? []) {
      if (found.has(id)) continue;
      found.add(id);
      left.push(id);
    }
  }
  return found;
}
