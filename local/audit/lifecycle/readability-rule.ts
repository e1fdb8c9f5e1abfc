import { isDeepStrictEqual } from 'node:util';
import { ENV } from '../../../lambda/contract/variables';
import { type ChangeAction, changesBetween } from './changes';
import type { Finding } from './finding';
import { referencesIn } from './references';
import { type Resource, resourcesOf, type TemplateJson } from './template';

/**
 * Finds updates that make existing records unreadable: functions that get another share key open none of them, and no
 * function reads a database that the stack gave up.
 */
export function recordsStayReadable(before: TemplateJson, after: TemplateJson): readonly Finding[] {
  const next = resourcesOf(after);
  const changes = changesBetween(before, after);
  const actions = new Map(changes.map(({ id, action }) => [id, action]));
  const databases = changes.flatMap(({ id, type, action, former }) =>
    type === 'AWS::RDS::DBCluster' && former !== undefined
      ? [finding(id, `expected the database of all records to stay, got one that is ${action}: ${former}`)]
      : [],
  );
  const functions = [...resourcesOf(before).values()].filter(({ type }) => type === 'AWS::Lambda::Function');
  const keys = functions.flatMap((own) => {
    const other = next.get(own.id);
    const [one, two] = [shareKeyOf(own), other && shareKeyOf(other)];
    if (one === undefined || two === undefined) return [];
    if (isDeepStrictEqual(one, two) && !isReplaced(two, actions)) return [];
    return [finding(own.id, 'expected the share key that sealed the records, got another one')];
  });
  return [...databases, ...keys];
}

function finding(resource: string, problem: string): Finding {
  return { rule: 'recordsStayReadable', resource, problem };
}

function shareKeyOf({ properties }: Resource): unknown {
  const { Environment } = properties as { readonly Environment?: { readonly Variables?: Record<string, unknown> } };
  return Environment?.Variables?.[ENV.shareKeyArn];
}

function isReplaced(value: unknown, actions: ReadonlyMap<string, ChangeAction>): boolean {
  return referencesIn(value).some(({ id }) => actions.get(id) === 'replaced');
}
