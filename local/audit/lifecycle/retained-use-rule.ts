import type { Finding } from './finding';
import { referencesIn } from './references';
import { isRetained, type Resource, resourcesOf, type TemplateJson } from './template';

/** A way in which a resource that stays may use one that goes. */
export interface HarmlessUse {
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
    user: 'AWS::KMS::Key',
    property: 'KeyPolicy',
    used: 'AWS::SNS::Topic',
    reason: 'the ARN is a value of a condition: it is compared, and the topic is not used',
  },
];

/**
 * Finds resources that outlive their stack and use one that doesn't. What is in use can't be deleted, so that the
 * deletion of the stack fails half-way, or what stays has lost what it needs.
 */
export function retainedUsesAreRetained(template: TemplateJson): readonly Finding[] {
  const resources = resourcesOf(template);
  return [...resources.values()].filter(isRetained).flatMap((user) =>
    Object.entries(user.properties).flatMap(([property, value]) => {
      const used = new Set(referencesIn(value).map(({ id }) => id));
      return [...used].flatMap((id) => {
        const resource = resources.get(id);
        if (!resource || isRetained(resource) || isHarmless(user, property, resource)) return [];
        const problem = `expected ${property} to use what is retained as well, got ${id}, which is deleted`;
        return [{ rule: 'retainedUsesAreRetained', resource: user.id, problem }];
      });
    }),
  );
}

function isHarmless(user: Resource, property: string, used: Resource): boolean {
  return HARMLESS_USES.some((use) => use.user === user.type && use.property === property && use.used === used.type);
}
