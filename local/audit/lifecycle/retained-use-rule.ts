import type { Finding } from './finding';
import { referencesIn } from './references';
import { isRetained, type Resource, resourcesOf, type TemplateJson } from './template';

/** A harmless use of a deleted resource by a retained one. */
export interface HarmlessUse {
  /** Its type; one that ends in `::` stands for all types of that kind. */
  readonly user: string;
  /** The property that refers to it. */
  readonly property: string;
  readonly used: string;
  readonly reason: string;
}

export const HARMLESS_USES: readonly HarmlessUse[] = [
  {
    user: 'AWS::KMS::Key',
    property: 'KeyPolicy',
    used: 'AWS::IAM::Role',
    reason: 'IAM puts the id of a deleted role in the place of its ARN; the statement allows nothing any more',
  },
  {
    user: 'Custom::',
    property: 'ServiceToken',
    used: 'AWS::Lambda::Function',
    reason: 'CloudFormation does not call the function of a custom resource that it retains',
  },
];

/**
 * Finds resources that outlive their stack and use one that doesn't. A resource in use can't be deleted, so the deletion
 * of the stack fails half-way; or the retained resource loses one that it needs.
 */
export function retainedUsesAreRetained(template: TemplateJson, harmless = HARMLESS_USES): readonly Finding[] {
  const resources = resourcesOf(template);
  return [...resources.values()].filter(isRetained).flatMap((user) =>
    Object.entries(user.properties).flatMap(([property, value]) => {
      const used = new Set(referencesIn(value).map(({ id }) => id));
      return [...used].flatMap((id) => {
        const resource = resources.get(id);
        if (!resource || isRetained(resource) || isHarmless(harmless, user, property, resource)) return [];
        const problem = `expected ${property} to use what is retained as well, got ${id}, which is deleted`;
        return [{ rule: 'retainedUsesAreRetained', resource: user.id, problem }];
      });
    }),
  );
}

function isHarmless(uses: readonly HarmlessUse[], user: Resource, property: string, used: Resource): boolean {
  const isUser = (type: string): boolean => (type.endsWith('::') ? user.type.startsWith(type) : user.type === type);
  return uses.some((use) => isUser(use.user) && use.property === property && use.used === used.type);
}
