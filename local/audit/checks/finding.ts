import { isDeepStrictEqual } from 'node:util';
import { type Resource, type VaultTemplate, at, ofType } from './template';

/** A problem of a resource, or of a type of which the template has no resource. */
export interface Finding {
  readonly resource: string;
  readonly problem: string;
}

/** Finds one kind of defect. */
export type Check = (template: VaultTemplate) => readonly Finding[];

/** A condition for a value, and its description. */
export interface Rule {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

export function is(wanted: unknown): Rule {
  return { expected: JSON.stringify(wanted), holds: (value) => isDeepStrictEqual(value, wanted) };
}

export function oneOf(...wanted: readonly unknown[]): Rule {
  return { expected: `one of ${JSON.stringify(wanted)}`, holds: (value) => wanted.includes(value) };
}

/** Checks one property of each resource of a type. The type needs a resource at least, or the check would check none. */
export function every(type: string, path: readonly string[], rule: Rule, among = (_: Resource) => true): Check {
  return (template) =>
    problems(type, ofType(template, type).filter(among), ({ properties }) => {
      const value = at(properties, ...path);
      return rule.holds(value) ? [] : [`expected ${path.join('.')} ${rule.expected}, got ${JSON.stringify(value)}`];
    });
}

/** Returns the problems of each resource; no resource at all is a problem itself. */
export function problems(
  type: string,
  resources: readonly Resource[],
  of: (resource: Resource) => readonly string[],
): readonly Finding[] {
  if (resources.length === 0) return [{ resource: type, problem: 'expected one at least, got none' }];
  return resources.flatMap((resource) => of(resource).map((problem) => ({ resource: resource.id, problem })));
}

/** Combines several checks into one. */
export function both(...checks: readonly Check[]): Check {
  return (template) => checks.flatMap((check) => check(template));
}
