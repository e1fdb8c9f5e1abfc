import type { Capability } from './engine';

/**
 * A policy: its paths and what each allows. A path may end in `*`, any further characters, and have `+`, one segment. Here a
 * path begins with the namespace, so that a policy means the same everywhere.
 */
export type Policy = Readonly<Record<string, readonly Capability[]>>;

/** Returns whether policies allow a capability on a path: those of the most specific rule, together; `deny` outweighs them. */
export function isAllowed(policies: readonly Policy[], path: string, capability: Capability): boolean {
  const rules = policies.flatMap((policy) => Object.keys(policy)).filter((rule) => matches(rule, path));
  const [first] = rules.sort((one, other) => rank(one, path).localeCompare(rank(other, path)));
  if (first === undefined) return false;
  const capabilities = policies.flatMap((policy) => policy[first] ?? []);
  return capabilities.includes(capability) && !capabilities.includes('deny');
}

function matches(rule: string, path: string): boolean {
  const pattern = rule
    .replace(/\*$/, '')
    .split('/')
    .map((segment) => (segment === '+' ? '[^/]+' : segment.replaceAll(/[^\w-]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${pattern}${rule.endsWith('*') ? '' : '$'}`).test(path);
}

/** Returns a text that sorts first for the most specific rule: exact, late wildcard, no `*`, few `+`, long. */
function rank(rule: string, path: string): string {
  const wildcard = /[+*]/.exec(rule)?.index;
  const number = (value: number): string => String(value).padStart(5, '0');
  return [
    rule === path ? 0 : 1,
    number(wildcard === undefined ? 0 : 10_000 - wildcard),
    rule.endsWith('*') ? 1 : 0,
    number(rule.split('+').length),
    number(10_000 - rule.length),
  ].join();
}
