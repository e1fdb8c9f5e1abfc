import type { Finding } from './finding';
import { isGuardOf } from './protection-guard';
import { type Resource, resourcesOf, type TemplateJson } from './template';

/** Properties that make services refuse to delete a resource. */
const PROTECTIONS: readonly string[] = ['DeletionProtection', 'DeletionProtectionEnabled'];

/**
 * Finds resources that a failed first deploy deletes and that refuse to be deleted: the stack ends in ROLLBACK_FAILED.
 * A guard that lifts the protection before is the way out.
 */
export function rollbacksCanDelete(template: TemplateJson): readonly Finding[] {
  const resources = resourcesOf(template);
  return [...resources.values()].filter(isProtected).flatMap((resource) => {
    if (resource.onDelete === 'retained') return [];
    if ([...resources.values()].some((other) => isGuardOf(other, resource.id, resources))) return [];
    const problem = `expected a guard that lifts the deletion protection on a rollback, which deletes ${resource.type}, got none`;
    return [{ rule: 'rollbacksCanDelete', resource: resource.id, problem }];
  });
}

/** Returns whether a service refuses to delete the resource until its protection is lifted. */
export function isProtected({ properties }: Resource): boolean {
  return PROTECTIONS.some((name) => [true, 'true'].includes(properties[name] as boolean | string));
}
