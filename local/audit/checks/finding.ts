import { isDeepStrictEqual } from 'node:util';
import { type Resource, type VaultTemplate, at, ofType } from './template';

/** What a check has against a resource; against a type, where there should be one and is none. */
export interface Finding {
  readonly resource: string;
  readonly problem: string;
}

/** Looks for one kind of defect. */
export type Check = (template: VaultTemplate) => readonly Finding[];

/** What a value has to be, and in what words. */
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

/** Holds each resource of a type to a rule on one property. There has to be one, or the rule would be kept by none. */
export function every(type: string, path: readonly string[], rule: Rule, among = (_: Resource) => true): Check {
  return (template) =>
    problems(type, ofType(template, type).filter(among), ({ properties }) => {
      const value = at(properties, ...path);
      return rule.holds(value) ? [] : [`expected ${path.join('.')} ${rule.expected}, got ${JSON.stringify(value)}`];
    });
}

/** Gathers each resource's problems; none at all to look at is a problem itself. */
export function problems(
  type: string,
  resources: readonly Resource[],
  of: (resource: Resource) => readonly string[],
): readonly Finding[] {
  if (resources.length === 0) return [{ resource: type, problem: 'expected one at least, got none' }];
  return resources.flatMap((resource) => of(resource).map((problem) => ({ resource: resource.id, problem })));
}

/** Puts several checks of one matter together. */
export function both(...checks: readonly Check[]): Check {
  return (template) => checks.flatMap((check) => check(template));
}
