import { PLACEHOLDER, escapeRegExp, type Placeholders } from './placeholders';
import type { RoleData } from './shape';

/** A role with everything that is derived from its path once. */
export interface Role {
  /** The construct path below the vault, with placeholders: `Keys/intake-{kid}/Key/Resource`. */
  readonly path: string;
  readonly data: RoleData;
  /** The names of the path's placeholders, in order. */
  readonly variables: readonly string[];
  /** Matches the construct path below the vault. */
  readonly pathPattern: RegExp;
  /** Matches a logical id without the vault's own part before it. */
  readonly idPattern: RegExp;
  /** Matches a whole logical id; the first group is the vault's own part. */
  readonly wholeIdPattern: RegExp;
  /** The first component as a logical id writes it: it is dropped if the vault's name before it ends with it. */
  readonly first: string;
  /** The length of the path's literal parts: the more, the more specific. */
  readonly weight: number;
}

/** The folder of roles that the CDK makes once per stack and not below the vault. */
export const STACK = 'stack:/';
const HASH = '[0-9A-F]{8}(?:[0-9a-f]{32})?';

/** Returns roles by path, those of several operations written out for each. */
export function readRoles(data: Readonly<Record<string, RoleData>>, placeholders: Placeholders): readonly Role[] {
  return Object.entries(data)
    .flatMap(([path, role]) => (role.operations ? perOperation(path, role, role.operations) : [[path, role] as const]))
    .map(([path, role]) => createRole(path, role, placeholders));
}

function perOperation(path: string, role: RoleData, operations: readonly string[]) {
  const text = JSON.stringify([path, role]);
  return operations.map((name) => JSON.parse(text.replaceAll('{operation}', name)) as readonly [string, RoleData]);
}

function createRole(path: string, data: RoleData, placeholders: Placeholders): Role {
  const below = path.startsWith(STACK) ? path.slice(STACK.length) : path;
  const start = path.startsWith(STACK) ? '(?:.*/)?' : '';
  const components = humanComponents(below.split('/'));
  const id = components.map((each) => human(each, placeholders)).join('') + HASH;
  return {
    path,
    data,
    variables: [...below.matchAll(PLACEHOLDER)].map(([, name = '']) => name),
    pathPattern: new RegExp(`^${start}${pattern(below, (name) => placeholders.pattern(name))}$`),
    idPattern: new RegExp(`^${id}$`),
    wholeIdPattern: new RegExp(`^(.*?)${id}$`),
    first: squeeze(below.split('/')[0] ?? ''),
    weight: below.replace(PLACEHOLDER, '').length,
  };
}

/** Returns the readable part of the logical id that a path without placeholders ends in. */
export function humanId(path: string): string {
  return humanComponents(path.split('/')).map(squeeze).join('');
}

/** Returns the components that the CDK makes a logical id of: it drops one if the one before ends with it. */
function humanComponents(components: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const each of components.filter((name) => name !== 'Default')) {
    if (!(kept.at(-1) ?? '').endsWith(each)) kept.push(each);
  }
  return kept.filter((each) => each !== 'Resource');
}

function human(component: string, placeholders: Placeholders): string {
  const literal = (text: string) => text.replace(/[^A-Za-z0-9]/g, '');
  return replaceParts(component, literal, (name) => `(${placeholders.squeezed(name)})`);
}

function pattern(path: string, of: (name: string) => string): string {
  return replaceParts(path, escapeRegExp, (name) => `(${of(name)})`);
}

function replaceParts(text: string, literal: (text: string) => string, variable: (name: string) => string): string {
  return text
    .split(/(\{[a-zA-Z]+\})/)
    .map((part) => (/^\{[a-zA-Z]+\}$/.test(part) ? variable(part.slice(1, -1)) : literal(part)))
    .join('');
}

/** Returns a text as a logical id writes it. */
export function squeeze(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '');
}

/** Returns a path with its placeholders replaced by values. */
export function fill(path: string, values: Readonly<Record<string, string>>): string {
  return path.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole);
}
