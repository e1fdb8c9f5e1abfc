import { isDeepStrictEqual } from 'node:util';
import { changesBetween } from './changes';
import type { Finding } from './finding';
import { referencesIn } from './references';
import { type Resource, resourcesOf, type TemplateJson } from './template';

const VERSION = 'AWS::Lambda::Version';
/** Properties that no version holds: a change of them publishes none. The CDK leaves the same ones out of a version's id. */
const UNVERSIONED: readonly string[] = [
  'CodeSigningConfigArn',
  'ReservedConcurrentExecutions',
  'Tags',
  'TenancyConfig',
];

/**
 * Finds new versions of unchanged functions, refused by Lambda with "A version for this Lambda function exists", and
 * changed functions without a new version, so that aliases keep the former one.
 */
export function versionsMatchFunctions(before: TemplateJson, after: TemplateJson): readonly Finding[] {
  const [former, next] = [resourcesOf(before), resourcesOf(after)];
  const replaced = replacedBy(before, after);
  return [...next.values()].flatMap((version) => {
    const fn = functionOf(version, next);
    const own = fn && former.get(fn.id);
    if (!fn || !own) return [];
    const changed = isVersioned(own, fn) || refersTo(fn, replaced);
    if (changed === !former.has(version.id)) return [];
    const problem = changed
      ? `expected a new version of ${fn.id}, which changes, got the former one`
      : `expected the version that ${fn.id} has, since nothing of it changes, got a new one`;
    return [{ rule: 'versionsMatchFunctions', resource: version.id, problem }];
  });
}

function functionOf(version: Resource, all: ReadonlyMap<string, Resource>): Resource | undefined {
  if (version.type !== VERSION) return undefined;
  const [reference] = referencesIn(version.properties.FunctionName);
  return reference && all.get(reference.id);
}

function isVersioned(before: Resource, after: Resource): boolean {
  const part = ({ properties }: Resource): unknown =>
    Object.fromEntries(Object.entries(properties).filter(([name]) => !UNVERSIONED.includes(name)));
  return !isDeepStrictEqual(part(before), part(after));
}

function replacedBy(before: TemplateJson, after: TemplateJson): ReadonlySet<string> {
  const replaced = changesBetween(before, after).filter(({ action }) => action === 'replaced');
  return new Set(replaced.map(({ id }) => id));
}

function refersTo({ properties }: Resource, ids: ReadonlySet<string>): boolean {
  return referencesIn(properties).some(({ id }) => ids.has(id));
}
