import type { TemplateJson } from './mutate';
import { policiesOf } from './policies';

/** A statement's effect on one action and one resource, without its id and position. */
type Permission = string;

/**
 * Returns the permissions of each policy in a template, one for each action, resource and principal. Flags of the CDK merge
 * or sort statements without a change of permissions.
 */
export function permissionsOf(template: TemplateJson): ReadonlyMap<string, readonly Permission[]> {
  return new Map([...policiesOf(template)].map(([id, policy]) => [id, [...new Set(permissions(policy))].sort()]));
}

function permissions(value: unknown): readonly Permission[] {
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  if ('Effect' in value) return ofStatement(value);
  return Object.entries(value).flatMap(([name, inner]) => permissions(inner).map((each) => `${sign(name)}${each}`));
}

function ofStatement({ Effect, Principal, Condition, ...rest }: Readonly<Record<string, unknown>>): Permission[] {
  const parts = ['Action', 'NotAction', 'Resource', 'NotResource'].map((name) => list(rest[name]));
  const [actions = [], notActions = [], resources = [], notResources = []] = parts;
  return [...actions, ...notActions].flatMap((action) =>
    [...resources, ...notResources].flatMap((resource) =>
      principalsOf(Principal).map((principal) => {
        const kinds = [actions.length > 0 ? 'on' : 'on all but', resources.length > 0 ? 'for' : 'for all but'];
        return JSON.stringify([Effect, kinds, action, resource, principal, Condition]);
      }),
    ),
  );
}

function principalsOf(principal: unknown): readonly unknown[] {
  if (typeof principal !== 'object' || principal === null) return [principal];
  return Object.entries(principal).flatMap(([kind, names]) => list(names).map((name) => [kind, name]));
}

/** The names of members, but not their places in a list. */
function sign(name: string): string {
  return /^\d+$/.test(name) ? '' : `${name}: `;
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}
