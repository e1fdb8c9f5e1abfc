import {
  dependenciesHaveNoCycle,
  type Effects,
  effectsOf,
  guardsRunOnRollbackOnly,
  isRetained,
  resourcesOf,
  retainedNamesAreOfOneStack,
  retainedUsesAreRetained,
  rollbacksCanDelete,
  type TemplateJson,
} from '../lifecycle';
import type { Report } from './schema';
import type { AuditedStack } from './stacks';

type LifecyclePart = Report['lifecycle'][number];

const RULES = [
  dependenciesHaveNoCycle,
  guardsRunOnRollbackOnly,
  retainedNamesAreOfOneStack,
  (template: TemplateJson) => retainedUsesAreRetained(template),
  rollbacksCanDelete,
];

/** Returns what outlives a stack, what is wrong about its life, and what a deploy over a former template does. */
export function lifecycleOf({ name, template }: AuditedStack, former: AuditedStack | undefined): LifecyclePart {
  const resources = [...resourcesOf(template).values()];
  return {
    stack: name,
    retained: resources.filter(isRetained).map(({ id, type }) => `${type} ${id}`),
    problems: RULES.flatMap((rule) => [...rule(template)]),
    ...(former && { over: { sha256: former.sha256, effects: listsOf(effectsOf(former.template, template)) } }),
  };
}

type Effect = NonNullable<LifecyclePart['over']>['effects'][number];

function listsOf(effects: Effects): Effect[] {
  return Object.entries(effects).map(([effect, resources]) => {
    return { effect: effect as Effect['effect'], resources: [...(resources as readonly string[])] };
  });
}
